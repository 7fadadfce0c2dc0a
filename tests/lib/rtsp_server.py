#!/usr/bin/python3
"""A camera that speaks RTSP: serves rtsp://127.0.0.1:PORT/camera (picture and sound), /aac (the sound in AAC) and /video (picture alone) over TCP,
/udp and /any (picture alone) over UDP and over all transports, with an optional user and password, and
prints PORT. Ends when its standard input does."""
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

VIDEO = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! "
    "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 bitrate=1000 ! "
    "video/x-h264,profile=constrained-baseline ! rtph264pay name=pay0 pt=96 config-interval=1"
)
AAC = (
    "audiotestsrc is-live=true ! audioconvert ! audio/x-raw,rate=48000,channels=2 ! avenc_aac bitrate=64000 ! "
    "aacparse ! rtpmp4gpay name=pay1 pt=97"
)
AUDIO = "audiotestsrc is-live=true ! audioconvert ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0"

Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")

if len(sys.argv) == 3:
    user, password = sys.argv[1:]
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)

TRANSPORT = GstRtsp.RTSPLowerTrans
# TCP alone by default, as many cameras behind a firewall.
for path, description, transports in (
    ("/camera", f"( {VIDEO} {AUDIO} )", TRANSPORT.TCP),
    ("/aac", f"( {VIDEO} {AAC} )", TRANSPORT.TCP),
    ("/video", f"( {VIDEO} )", TRANSPORT.TCP),
    ("/udp", f"( {VIDEO} )", TRANSPORT.UDP),
    ("/any", f"( {VIDEO} )", TRANSPORT.TCP | TRANSPORT.UDP),
):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(description)
    factory.set_shared(True)
    factory.set_protocols(transports)
    if len(sys.argv) == 3:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)

loop = GLib.MainLoop()
if server.attach(None) == 0:
    sys.exit("the RTSP server does not start")
print(server.get_bound_port(), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
loop.run()
