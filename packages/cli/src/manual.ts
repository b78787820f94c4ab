/** Texts of the help pages beside usage and options. */
export const MANUAL = {
  stt: `
Pair two machines once; from then on they find each other by what was kept, whatever network both are in, and all that goes
between them is encrypted from end to end. No account, no certificate, no server of anybody's in between unless you name one.

Five minutes:
  here    stt pair laptop                    prints a phrase, and the command for the other machine
  there   stt pair laptop --phrase - …       asks for the phrase
  there   stt receive laptop --into inbox    waits, and prints what to run here
  here    stt send photos --to laptop
On one network the two find each other. Elsewhere: stt send … --address URL, as stt receive prints it, or a relay.

Environment:
  STT_HOME        the folder that pairings are kept in (default: the platform's place for data)
  STT_LAN         interfaces of the local network that are used, eth0,wlan0, or none (default: all)
  STT_PASSPHRASE  the passphrase of seeds that are kept under one
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY   proxies for WebSockets
  NO_COLOR        nothing to do: there is no colour

Exit codes:
  0    done
  1    something failed: a disk, a network, an error of the other side
  2    the command line cannot be used
  3    the other side was not reached in time
  4    refused: the pairing has another machine, the passphrase is wrong, the other side runs something else
  5    done but for some files, which are named
  130, 143   told to end, by Control-C or SIGTERM (stt relay: 0, once it has)
  141  who read the output went away

With --json each thing that happens is one line of JSON on stdout, of the type JsonLine of the package.`,
  pair: `
Without --phrase a pairing is made: this machine makes a secret seed, keeps it in a file that only you can read, and
prints a phrase and a QR code that hold it. With --phrase - the phrase of the other machine is asked for, without echo on
a terminal, or read from stdin; the text of the QR code is taken too. It is never an argument, which others could see.

A pairing is of two machines. Who meets this one first, with the phrase, has the other place for good.

Examples:
  stt pair laptop                                      make one
  stt pair laptop --relay wss://relay.example          with a relay, where neither machine can be reached
  stt pair desktop --phrase - < phrase.txt             join it
  stt pair laptop --json | jq -r .phrase               the phrase alone`,
  list: `
With --quiet only the names. Exits with 1 where a pairing cannot be used; the line says how it is mended.`,
  forget: `
The seed is removed here; the other machine keeps it until it is told the same there. With --roll a new seed takes its
place under the same name, to be joined as after stt pair.

Examples:
  stt forget laptop
  stt forget laptop --roll      the phrase was seen, or a machine was lost`,
  send: `
On the other machine stt receive has to run. Folders are sent with all that is in them, symbolic links within them are left
out. What the other side has already, whole or in part, is not sent again: when a transfer was cut off, by a lost network,
a Control-C or a crash at either end, the same command goes on with it. Each file is compared by its BLAKE2b hash with what
is on the other side's disk, and keeps its mode and time.

Examples:
  stt send photos notes.txt --to laptop
  stt send disk.img --to laptop --limit 2M`,
  receive: `
Waits, and prints what to run on the other machine. Everything comes to lie in one folder, and nothing else is reachable from
there; names that would leave it are refused. A file appears under its name when it is whole; until then it is a file
.stt-….part beside it. No file is replaced unless --overwrite says so. Ends when the sender has said that all is there.

Examples:
  stt receive laptop
  stt receive laptop --into inbox --keep`,
  ping: `
On the other machine stt receive, stt expose or stt pipe has to run, which answers. Each line says how the packets go: over the
LAN, direct, or relayed.

Examples:
  stt ping laptop
  stt ping laptop --address udp://192.168.1.5:4433 --count 10`,
  doctor: `
Looks at what machines need to find and reach each other, and says of each thing what to do: the network, a proxy, the relays of
all pairings and their registries, the clock, UDP, the kind of NAT and the size of packets that passes, mDNS on each interface.
Nobody is asked but those relays and those of --relay. With NAME the relays are those of that pairing, and the way to the
other machine is found as stt ping does it, with why it goes by a relay; there stt receive, stt expose or stt pipe has to run.
Takes at most 15 seconds.

Each line begins with fine, limited (it works less well than it could), broken, or unknown (it could not be told). Ends with 0
where nothing is broken, 1 where something is, 3 where the other machine was not reached and 4 where it refused.

Examples:
  stt doctor
  stt doctor laptop
  stt doctor --relay wss://relay.example --json | jq -r 'select(.verdict == "broken").message'`,
  pipe: `
What comes in here goes out there, and what comes in there goes out here, each direction until its own end. Where neither
--address nor --listen says so, the machine that made the pairing waits and the one that joined it dials. The one that
waits does so for ever where no --timeout is given, and for so long where one is. Ends with the exit code of the other
side where that ended first. What is not text is not written to a terminal.

Examples:
  here    tar c photos | stt pipe laptop
  there   stt pipe desktop < /dev/null | tar x`,
  expose: `
Waits, and prints what to run on the other machine: stt forward. The targets are what this machine connects to for it,
HOST:PORT as seen from here, and nothing else is connected to; what else is asked for is refused and counted. Names are
looked up when they are connected to. IPv6 addresses stand in brackets. At most 256 connections at once. UDP is not
forwarded, and there is no SOCKS: each target is named. Goes on until it is told to end.

Examples:
  stt expose laptop localhost:22
  stt expose laptop localhost:80 db.internal:5432 [::1]:8080`,
  forward: `
On the other machine stt expose has to run. TCP connections to a port of this machine go to a target there: PORT:HOST:PORT,
where HOST is as the other machine sees it, or HOST:PORT for the same port here. PORT 0 takes one that is free, and
prints it. Only this machine reaches the port; BIND:PORT:HOST:PORT listens at another address of it, for whoever is there.

Each direction ends by itself, as in TCP. Connections stay when the session moves to another network or path; when it
ends they are reset, and the other machine is dialed again, for ever, while new connections wait. UDP is not forwarded,
and there is no SOCKS.

Examples:
  stt forward server 2222:localhost:22        then: ssh -p 2222 localhost
  stt forward server 8080:localhost:80 5432:db.internal:5432
  stt forward server [::1]:8080:[::1]:80`,
  chamber: `
CHAMBER is a folder that holds nothing else. What is stored in it shows neither names nor content, and is there after a loss
of power; what was changed in it is refused, and named by check. It is kept under a passphrase, which is asked for without
echo or taken from STT_PASSPHRASE: without it nothing is got out again. Files are stored under their paths, and get modes and
times back; empty folders, links and owners are not kept. One process writes at a time, others may read meanwhile.

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
Without options it is for this machine, ws://127.0.0.1:4433. Where others reach it, it serves those of --for and --access, or
everybody with --open. Off a local network it has to be dialed by wss://: with --cert and --key, or behind a proxy.

Control-C and SIGTERM: listeners are told to come back, circuits get their time, and it ends with 0. SIGHUP: certificate and
page are read again, and no connection ends. STT_RELAY_ACCESS holds access keys too, with commas between. GET /healthz says
ok, GET /metrics is for Prometheus. A systemd unit and a container file are in the folder deploy of the package.

Several instances behind one name are one relay where they share a Redis: npm install --global @stt/relay-redis. Its URL with a
password is better kept from the process list: STT_RELAY_REDIS.

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
