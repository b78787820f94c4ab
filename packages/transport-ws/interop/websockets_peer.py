"""A peer on Python's websockets library. Prints one JSON object a line; the test reads them.

    client URL MODE    mode: echo, text, binary, big
    server             prints its port, echoes until its input ends
"""

import asyncio
import json
import sys

import websockets


def say(**fields):
    print(json.dumps(fields), flush=True)


async def client(url, mode):
    async with websockets.connect(url, subprotocols=["stt.v1"], max_size=None, open_timeout=30) as socket:
        say(subprotocol=socket.subprotocol)
        if mode == "echo":
            for size in (0, 1, 125, 126, 65535):
                await socket.send(bytes(i % 251 for i in range(size)))
                answer = await socket.recv()
                say(size=size, same=answer == bytes(i % 251 for i in range(size)))
            await socket.send([b"in ", b"three ", b"frames"])
            say(fragments=(await socket.recv()).decode())
            await (await socket.ping(b"are you there"))
            say(pong=True)
            await socket.close(4001, "done")
        else:
            await socket.send({"text": "hello", "binary": b"this is not STT", "big": bytes(65536)}[mode])
            await socket.wait_closed()
    say(code=socket.close_code, reason=socket.close_reason)


async def server():
    async def echo(socket, *path):
        async for message in socket:
            await socket.send(message)
        say(code=socket.close_code)

    async with websockets.serve(echo, "127.0.0.1", 0, subprotocols=["stt.v1"]) as listening:
        say(port=next(iter(listening.sockets)).getsockname()[1])
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(client(*sys.argv[2:]) if sys.argv[1] == "client" else server())
