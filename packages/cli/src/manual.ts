/** Texts of the help pages beside usage and options. */
export const MANUAL = {
  stt: `
Pair two machines once. From then on they find each other in any network, and everything between them is encrypted from end to
end. You need no account, no certificate and no server, unless you name a relay.

Five minutes:
  here    stt pair laptop                    prints a phrase, and the command for the other machine
  there   stt pair laptop --phrase - …       asks for the phrase
  there   stt receive laptop --into inbox    waits, and prints what to run here
  here    stt send photos --to laptop
On one network the two find each other. Elsewhere: stt send … --address URL, as stt receive prints it, or a relay.

Environment:
  STT_HOME        folder for pairings (default: the platform's folder for data)
  STT_LAN         interfaces to use for the local network, eth0,wlan0, or none (default: all)
  STT_PASSPHRASE  passphrase of the seeds that have one
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY   proxies for WebSockets
  NO_COLOR        has no effect: there is no colour

Exit codes:
  0    done
  1    something failed: a disk, a network, an error of the other side
  2    the command line cannot be used
  3    the other side was not reached in time
  4    refused: the pairing has another machine, the passphrase is wrong, the other side runs something else
  5    done except for some files, which are named
  130, 143   ended by Control-C or SIGTERM (stt relay: 0)
  141  the reader of the output has gone

With --json each event is one line of JSON on stdout, of the type JsonLine of the package.`,
  pair: `
Without --phrase this machine makes a pairing: it stores a secret seed in a file that only you can read, and prints it as a
phrase and a QR code. With --phrase - it asks for the phrase of the other machine, without echo on a terminal, or reads it from
stdin; the text of the QR code works too. The phrase is never an argument, which other users could see.

A pairing is for two machines. The first machine that connects with the phrase stays the other one for good.

Examples:
  stt pair laptop                                      make one
  stt pair laptop --relay wss://relay.example          with a relay, where neither machine can be reached
  stt pair desktop --phrase - < phrase.txt             join it
  stt pair laptop --json | jq -r .phrase               the phrase alone`,
  list: `
With --quiet it prints only the names. Ends with 1 if a pairing cannot be used; its line says how to repair it.`,
  forget: `
This removes the seed here; the other machine keeps it until you run the same there. With --roll the pairing gets a new seed,
and the other machine joins it as after stt pair.

Examples:
  stt forget laptop
  stt forget laptop --roll      the phrase was seen, or a machine was lost`,
  send: `
The other machine has to run stt receive. Folders are sent with their contents, except for symbolic links. Files and parts of
files that the other side has already are not sent again: after a lost network, a Control-C or a crash at either end, the same
command continues the transfer. Each file is compared by its BLAKE2b hash with the other side's disk, and keeps its mode and
time.

Examples:
  stt send photos notes.txt --to laptop
  stt send disk.img --to laptop --limit 2M`,
  receive: `
Waits, and prints the command for the other machine. All files go into one folder; names that would leave it are refused. A file
gets its name when it is complete; until then it is called .stt-….part. Without --overwrite no file is replaced. Ends when the
sender has confirmed the end.

Examples:
  stt receive laptop
  stt receive laptop --into inbox --keep`,
  ping: `
The other machine has to run stt receive, stt expose or stt pipe, which answers. Each line says which way the packets take: over
the LAN, direct, or relayed.

Examples:
  stt ping laptop
  stt ping laptop --address udp://192.168.1.5:4433 --count 10`,
  doctor: `
Checks all that machines need to find and reach each other, and says what to do: the network, a proxy, the relays of all pairings
and their registries, the clock, UDP, the kind of NAT and the size of packets that pass, mDNS on each interface. It asks only
those relays and those of --relay. With NAME it asks the relays of that pairing, finds the way to the other machine as stt ping
does, and says why it goes by a relay; the other machine has to run stt receive, stt expose or stt pipe. Takes at most 15 seconds.

Each line begins with fine, limited (it works less well than it could), broken, or unknown (it could not be found out). Ends with
0 if no finding is broken, 1 if one is, 3 if the other machine was not reached and 4 if it refused.

Examples:
  stt doctor
  stt doctor laptop
  stt doctor --relay wss://relay.example --json | jq -r 'select(.verdict == "broken").message'`,
  pipe: `
Joins stdin here with stdout there, and stdin there with stdout here; each direction ends by itself. Without --address and
--listen the machine that made the pairing waits, and the one that joined it dials. Without --timeout it waits for ever. Ends
with the exit code of the other side if that ended first. Data that is not text is not written to a terminal.

Examples:
  here    tar c photos | stt pipe laptop
  there   stt pipe desktop < /dev/null | tar x`,
  expose: `
Waits, and prints the command for the other machine: stt forward. This machine connects only to the named targets, HOST:PORT as
seen from here; it refuses and counts requests for others. Names are looked up for each connection. IPv6 addresses need brackets.
At most 256 connections at once. UDP is not forwarded, and there is no SOCKS: each target has to be named. Runs until a signal.

Examples:
  stt expose laptop localhost:22
  stt expose laptop localhost:80 db.internal:5432 [::1]:8080`,
  forward: `
The other machine has to run stt expose. TCP connections to a port of this machine go to a target there: PORT:HOST:PORT, where
HOST is as the other machine sees it, or HOST:PORT for the same port here. PORT 0 chooses a free port and prints it. Only this
machine reaches the port; BIND:PORT:HOST:PORT listens at another address of it, which other machines may reach.

Each direction ends by itself, as in TCP. Connections stay when the session moves to another network or path. When it ends they
are reset, and stt forward dials the other machine again, without end, while new connections wait. UDP is not forwarded, and
there is no SOCKS.

A target that the other machine does not expose is named, and its port resets clients until stt expose there names it; the others
go on. If it exposes none of them, stt forward ends with 4.

Examples:
  stt forward server 2222:localhost:22        then: ssh -p 2222 localhost
  stt forward server 8080:localhost:80 5432:db.internal:5432
  stt forward server [::1]:8080:[::1]:80`,
  chamber: `
CHAMBER is a folder for this alone. It shows neither names nor contents of what is stored, and keeps it over a loss of power;
check finds and names objects that were changed. A passphrase protects it, from a prompt without echo or from STT_PASSPHRASE;
without it the contents are lost. The key of a file is its path, and get restores modes and times; empty folders, links and
owners are not stored. One process writes at a time, others may read meanwhile.

Examples:
  stt chamber put vault photos notes.txt       the keys are photos/… and notes.txt
  pg_dump db | stt chamber put vault - --as db.sql
  stt chamber get vault photos --into restored
  stt chamber get vault db.sql --stdout --range 0-999
  stt chamber list vault photos/2031
  stt chamber delete vault photos --recursive
  stt chamber check vault`,
  relay: `
Machines that cannot reach each other dial a relay, which passes their sealed packets on and learns neither seed nor content.
By default it serves this machine, at ws://127.0.0.1:4433. If other machines reach it, it serves those of --for and --access, or
every client with --open. Outside a local network clients dial wss://: use --cert and --key, or a proxy in front.

On Control-C or SIGTERM it tells listeners to come back, gives circuits their time, and ends with 0. On SIGHUP it reads
certificate and page again, and no connection ends. STT_RELAY_ACCESS may hold access keys too, with commas between. GET /healthz
answers ok, GET /metrics is for Prometheus. The folder deploy of the package has a systemd unit and a container file.

Several instances behind one name share a Redis: npm install --global @stt/relay-redis. Give a URL with a password in
STT_RELAY_REDIS, which the process list does not show.

Examples:
  stt relay --listen ws://0.0.0.0:4433 --for laptop
  stt relay --listen wss://0.0.0.0:443 --cert cert.pem --key key.pem --url wss://relay.example --open
  stt relay --listen ws://127.0.0.1:4001 --open --url wss://relay.example --instance wss://relay.example/a --redis redis://shared
  stt relay --config relay.json      { "listen": "ws://0.0.0.0:4433", "for": ["laptop"], "drain": 30 }`,
  completion: `
Examples:
  stt completion bash > ~/.local/share/bash-completion/completions/stt
  stt completion zsh > "\${fpath[1]}/_stt"
  stt completion fish > ~/.config/fish/completions/stt.fish`,
} as const
