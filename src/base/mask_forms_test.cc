#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/mask.h"

// The forms in which cameras, services and ffmpeg's log really write credentials, with invented
// secrets that all contain the word hunter, and as many lines that are shown as they are.

namespace livestream {
namespace {

struct Form {
  const char* text;
  const char* masked;
};

constexpr Form kCameras[] = {
    // Hikvision, Dahua, Amcrest, Axis, Reolink, TP-Link Tapo, Foscam, UniFi, Wyze
    {"rtsp://admin:hunter2@192.168.1.64:554/Streaming/Channels/101",
     "rtsp://***@192.168.1.64:554/Streaming/Channels/101"},
    {"rtsp://admin:hunter2@192.168.1.64/ISAPI/Streaming/channels/101/httpPreview",
     "rtsp://***@192.168.1.64/ISAPI/Streaming/channels/101/httpPreview"},
    {"rtsp://admin:hunter2@192.168.1.108:554/cam/realmonitor?channel=1&subtype=0",
     "rtsp://***@192.168.1.108:554/cam/realmonitor?channel=1&subtype=0"},
    {"rtsp://192.168.1.108/cam/realmonitor?channel=1&subtype=0&authbasic=YWRtaW46aHVudGVyMg==",
     "rtsp://192.168.1.108/cam/realmonitor?channel=1&subtype=0&authbasic=***"},
    {"http://192.168.1.108/cgi-bin/mjpg/video.cgi?channel=0&user=admin&pass=hunter2",
     "http://192.168.1.108/cgi-bin/mjpg/video.cgi?channel=0&user=***&pass=***"},
    {"rtsp://root:hunter2@192.168.0.90/axis-media/media.amp?videocodec=h264&resolution=640x480",
     "rtsp://***@192.168.0.90/axis-media/media.amp?videocodec=h264&resolution=640x480"},
    {"rtsp://admin:hunter2@192.168.1.110:554/h264Preview_01_main",
     "rtsp://***@192.168.1.110:554/h264Preview_01_main"},
    {"rtmp://192.168.1.110/bcs/channel0_main.bcs?channel=0&stream=0&user=admin&password=hunter2",
     "rtmp://192.168.1.110/bcs/channel0_main.bcs?channel=0&stream=0&user=***&password=***"},
    {"http://192.168.1.110/"
     "flv?port=1935&app=bcs&stream=channel0_main.bcs&user=admin&password=hunter2",
     "http://192.168.1.110/flv?port=1935&app=bcs&stream=channel0_main.bcs&user=***&password=***"},
    {"https://192.168.1.110/cgi-bin/api.cgi?cmd=Snap&channel=0&rs=a1&token=hunter2",
     "https://192.168.1.110/cgi-bin/api.cgi?cmd=Snap&channel=0&rs=a1&token=***"},
    {"rtsp://me%40mail.example:hunter2@192.168.0.60:554/stream1",
     "rtsp://***@192.168.0.60:554/stream1"},
    {"rtsp://me@mail.example:hunter2@192.168.0.60:554/stream1",
     "rtsp://***@192.168.0.60:554/stream1"},
    {"http://192.168.1.50:88/cgi-bin/CGIStream.cgi?cmd=GetMJStream&usr=admin&pwd=hunter2",
     "http://192.168.1.50:88/cgi-bin/CGIStream.cgi?cmd=GetMJStream&usr=***&pwd=***"},
    {"http://192.168.1.50/videostream.cgi?loginuse=admin&loginpas=hunter2",
     "http://192.168.1.50/videostream.cgi?loginuse=***&loginpas=***"},
    {"http://192.168.1.50/videostream.asf?user=admin&pwd=hunter2&resolution=32",
     "http://192.168.1.50/videostream.asf?user=***&pwd=***&resolution=32"},
    {"http://192.168.1.50/img/snapshot.cgi?uname=a&pw=hunter2",
     "http://192.168.1.50/img/snapshot.cgi?uname=***&pw=***"},
    {"http://192.168.1.50/image.jpg?psw=hunter2", "http://192.168.1.50/image.jpg?psw=***"},
    {"http://192.168.1.50/ipcam/stream.cgi?login=admin:hunter2",
     "http://192.168.1.50/ipcam/stream.cgi?login=***"},
    {"rtsp://192.168.1.20/mpeg4?user='admin'&pwd='hunter2'&x=1",
     "rtsp://192.168.1.20/mpeg4?user=***&pwd=***&x=1"},
    // ONVIF
    {"rtsp://192.168.1.20:554/onvif1?Token=hunter2", "rtsp://192.168.1.20:554/onvif1?Token=***"},
    {"http://192.168.1.20/onvif/snapshot?tkn=hunter2&n=1",
     "http://192.168.1.20/onvif/snapshot?tkn=***&n=1"},
    // XMEye and its many names
    {"rtsp://192.168.1.10:554/user=admin_password=hunter2_channel=1_stream=0.sdp",
     "rtsp://192.168.1.10:554/user=***_password=***_channel=1_stream=0.sdp"},
    {"rtsp://192.168.1.10:554/user=admin_password=hunter_2_channel=1_stream=0.sdp?real_stream",
     "rtsp://192.168.1.10:554/user=***_password=***_channel=1_stream=0.sdp?real_stream"},
    {"rtsp://192.168.1.10:554/user=admin&password=hunter2&channel=1&stream=0.sdp?",
     "rtsp://192.168.1.10:554/user=***&password=***&channel=1&stream=0.sdp?"},
    {"rtsp://192.168.1.10/channel=1_user=admin_password=hunter2_stream=0.sdp",
     "rtsp://192.168.1.10/channel=1_user=***_password=***_stream=0.sdp"},
    {"rtsp://192.168.1.10/user=admin_password=_channel=1_stream=0.sdp",
     "rtsp://192.168.1.10/user=***_password=_channel=1_stream=0.sdp"},
    {"DESCRIBE of user=admin_password=hunter2_channel=1_stream=0.sdp failed",
     "DESCRIBE of user=admin_password=***_channel=1_stream=0.sdp failed"},
};

constexpr Form kPasswordsAsTyped[] = {
    {"rtsp://admin:a@hunter2 b@127.0.0.1/x", "rtsp://***@127.0.0.1/x"},
    {"rtsp://admin:hunter 2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:my hunter 2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:my @ hunter@x 2@cam/1", "rtsp://***@cam/1"},
    {"Opening 'rtsp://admin:a@x hunter2@cam/1' for reading",
     "Opening 'rtsp://***@cam/1' for reading"},
    {"rtsp://admin:a@x hunter2@cam/1 and http://other/@name",
     "rtsp://***@cam/1 and http://other/@name"},
    {"rtsp://admin:hunter#2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:hunter/2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:hunter:2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:hunter?2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:hunter%402@cam/1", "rtsp://***@cam/1"},
    {"rtsp://:hunter2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://DOMAIN;admin:hunter2@cam/1", "rtsp://***@cam/1"},
    {"rtsp://admin:hunter2@[fe80::1%25eth0]:554/1", "rtsp://***@[fe80::1%25eth0]:554/1"},
    {"ftp://admin:hunter2@nas/video.mp4", "ftp://***@nas/video.mp4"},
    {"tcp://admin:hunter2@h:1", "tcp://***@h:1"},
};

constexpr Form kSrtAndRtmp[] = {
    {"srt://h:9000?passphrase=hunter2hunter2&pbkeylen=16",
     "srt://h:9000?passphrase=***&pbkeylen=16"},
    {"srt://h:9000?mode=caller&streamid=hunter2", "srt://h:9000?mode=caller&streamid=***"},
    {"srt://h:9000?streamid=#!::u=admin,s=hunter2,r=cam&latency=20",
     "srt://h:9000?streamid=***&latency=20"},
    {"srt://h:9000?streamid=%23!%3A%3Au%3Dadmin%2Cs%3Dhunter2&mode=caller",
     "srt://h:9000?streamid=***&mode=caller"},
    {"srt://h:9000?streamid=publish:live:admin:hunter2", "srt://h:9000?streamid=***"},
    {"[srt @ 0x55] stream id #!::u=admin,s=hunter2 refused",
     "[srt @ 0x55] stream id #!::*** refused"},
    {"stream id %23!%3A%3Au%3Dadmin%2Cs%3Dhunter2 refused", "stream id %23!%3A%3A*** refused"},
    {"-passphrase=hunter2hunter2 -i srt://h:1", "-passphrase=*** -i srt://h:1"},
    {"rtmp://a.rtmp.youtube.com/live2/hunt-er22-abcd-efgh", "rtmp://a.rtmp.youtube.com/live2/***"},
    {"rtmp://live.twitch.tv/app/live_1_hunter2", "rtmp://live.twitch.tv/app/***"},
    {"rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-hunter2?s_bl=1",
     "rtmps://live-api-s.facebook.com:443/rtmp/***"},
    {"rtmps://a1.global-contribute.live-video.net:443/app/sk_us-west-2_hunter2",
     "rtmps://a1.global-contribute.live-video.net:443/app/***"},
    {"'RTMP://u:p@Live.Twitch.TV/app/live_hunter2', again",
     "'RTMP://***@Live.Twitch.TV/app/***', again"},
    {"rtmp://h/live/cam?key=hunter2", "rtmp://h/live/cam?key=***"},
};

constexpr Form kTokens[] = {
    {"https://h/live/a.m3u8?access_token=hunter2", "https://h/live/a.m3u8?access_token=***"},
    {"https://h/a.m3u8?sig=hunter2&se=2026", "https://h/a.m3u8?sig=***&se=2026"},
    {"https://h/a.m3u8?auth=hunter2", "https://h/a.m3u8?auth=***"},
    {"https://h/a.m3u8?api_key=hunter2&x=1", "https://h/a.m3u8?api_key=***&x=1"},
    {"https://h/a.m3u8?hdnts=st=1~exp=2~acl=/*~hmac=hunter2", "https://h/a.m3u8?hdnts=***"},
    {"https://h/hdntl=exp=1~hmac=hunter2/seg-1.ts", "https://h/hdntl=***"},
    {"https://h/token=hunter2/seg-1.ts", "https://h/token=***"},
    {"https://h/a.m3u8?wmsAuthSign=hunter2", "https://h/a.m3u8?wmsAuthSign=***"},
    {"https://h/a.m3u8?Expires=1&Signature=hunter2&Key-Pair-Id=APKA",
     "https://h/a.m3u8?Expires=1&Signature=***&Key-Pair-Id=APKA"},
    {"https://h/a?X-Amz-Credential=hunter2&X-Amz-Signature=hunter3&X-Amz-Date=1",
     "https://h/a?X-Amz-Credential=***&X-Amz-Signature=***&X-Amz-Date=1"},
    {"https://h/a.m3u8?sessionId=hunter2", "https://h/a.m3u8?sessionId=***"},
    {"https://h/a.m3u8?md5=hunter2&expires=1", "https://h/a.m3u8?md5=***&expires=1"},
    {"https://h/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIifQ.hunter2_signature/a.m3u8",
     "https://h/***/a.m3u8"},
    {"jwt is eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIifQ.hunter2-sig, expired",
     "jwt is ***, expired"},
    {"Opening 'https://h/seg-00017.ts?token=hunter2' for reading",
     "Opening 'https://h/seg-00017.ts?token=***' for reading"},
    {"Opening 'crypto+https://h/k.key?authToken=hunter2' for reading",
     "Opening 'crypto+https://h/k.key?authToken=***' for reading"},
    {"access_token=hunter2 refused", "access_token=*** refused"},
};

constexpr Form kNested[] = {
    {"http://proxy/?url=rtsp%3A%2F%2Fadmin%3Ahunter2%40cam%2F1&x=1",
     "http://proxy/?url=rtsp%3A%2F%2F***%40cam%2F1&x=1"},
    {"http://proxy/?url=rtsp%253A%252F%252Fadmin%253Ahunter2%2540cam%252F1",
     "http://proxy/?url=rtsp%253A%252F%252F***%2540cam%252F1"},
    {"http://proxy/?url=rtsp://admin:hunter2@cam/1", "http://proxy/?url=rtsp://***@cam/1"},
    {"http://proxy/?url=rtsp:%2F%2Fadmin:hunter2@cam%2F1",
     "http://proxy/?url=rtsp:%2F%2F***@cam%2F1"},
    {"http://proxy/?u=https%3A%2F%2Fh%2Fa%3Ftoken%3Dhunter2%26x%3D1",
     "http://proxy/?u=https%3A%2F%2Fh%2Fa%3Ftoken%3D***%26x%3D1"},
    {"{\"source\":\"rtsp:\\/\\/admin:hunter2@cam\\/1\"}",
     "{\"source\":\"rtsp:\\/\\/***@cam\\/1\"}"},
    {"async:cache:http://admin:hunter2@h/a.mp4", "async:cache:http://***@h/a.mp4"},
    {"concat:http://h/1.ts|http://admin:hunter2@h/2.ts", "concat:http://h/1.ts|http://***@h/2.ts"},
};

constexpr Form kLogLines[] = {
    {"Authorization: Basic YWRtaW46aHVudGVyMg==", "Authorization: Basic ***"},
    {"Authorization: Bearer hunter2", "Authorization: Bearer ***"},
    {"authorization: hunter2", "authorization: ***"},
    {"Authorization: Digest username=\"admin\", realm=\"cam\", nonce=\"1\", uri=\"rtsp://cam/1\", "
     "response=\"hunter2\"",
     "Authorization: Digest ***"},
    {"[rtsp @ 0x55] Sending: Digest username=\"admin\", response=\"hunter2\"",
     "[rtsp @ 0x55] Sending: Digest ***"},
    {"Proxy-Authorization: Basic YWRtaW46aHVudGVyMg==\r\nHost: h",
     "Proxy-Authorization: Basic ***\r\nHost: h"},
    {"-headers 'Authorization: Basic YWRtaW46aHVudGVyMg==\\r\\nX-Camera: 1' -i x",
     "-headers 'Authorization: Basic ***\\r\\nX-Camera: 1' -i x"},
    {"-headers 'Authorization: Bearer hunter2' -i x", "-headers 'Authorization: Bearer ***' -i x"},
    {"Cookie: sid=hunter2; lang=de", "Cookie: ***"},
    {"Set-Cookie: sid=hunter2; Path=/", "Set-Cookie: ***"},
    {"X-Api-Key: hunter2", "X-Api-Key: ***"},
    {"X-Auth-Token: hunter2", "X-Auth-Token: ***"},
    {"sent Basic YWRtaW46aHVudGVyMg== to it", "sent Basic *** to it"},
    {"sent Bearer hunter2hunter2 to it", "sent Bearer *** to it"},
    {"[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized rtsp://admin:hunter2@cam/1",
     "[rtsp @ 0x55] method DESCRIBE failed: 401 Unauthorized rtsp://***@cam/1"},
    {"rtsp://admin:hunter2@cam/1: Connection refused", "rtsp://***@cam/1: Connection refused"},
    {"Input #0, rtsp, from 'rtsp://admin:hunter2@cam/1':",
     "Input #0, rtsp, from 'rtsp://***@cam/1':"},
    {"[hls @ 0x55] Skip ('#EXT-X-KEY:METHOD=AES-128,URI=\"https://h/k?token=hunter2\"')",
     "[hls @ 0x55] Skip ('#EXT-X-KEY:METHOD=AES-128,URI=\"https://h/k?token=***\"')"},
    {"[tls @ 0x5] a@b: https://admin:hunter2@h/x failed",
     "[tls @ 0x5] a@b: https://***@h/x failed"},
};

constexpr const char* kShownAsTheyAre[] = {
    "video.mp4",
    "/home/me/author=Smith/clip.mp4",
    "/data/key=1/part=2/clip.mp4",
    "holiday@beach.mp4",
    "/videos/me@mail.example/clip 1.mp4",
    "C:\\Users\\me\\Videos\\clip.mp4",
    "avfoundation:OBS Virtual Camera:1",
    "video=Integrated Camera:audio=Microphone (Realtek)",
    "/dev/v4l/by-id/usb-046d_Logitech_Webcam_C930e_8A3F-video-index0",
    "rtsp://192.168.1.64:554/Streaming/Channels/101",
    "rtsp://cam/cam/realmonitor?channel=1&subtype=0&unicast=true&proto=Onvif",
    "rtsp://192.168.1.110:554/h264Preview_01_main",
    "rtsp://[fe80::1%25eth0]:554/stream",
    "rtsp://[2001:db8::7]/stream",
    "tcp://[::1]:5000?listen=1",
    "udp://@239.0.0.1:1234?localaddr=192.168.1.2&pkt_size=1316",
    "udp://@[ff02::1]:1234",
    "udp://:5000 and mail to me@here.example",
    "srt://0.0.0.0:9000?mode=listener&latency=200000&pbkeylen=16",
    "rtmp://192.168.1.20/live/camera",
    "rtmp://192.168.1.20/live/camera?channel=1",
    "rtmp://media.example/app/stream",
    "rtmp://live.twitch.tv/app",
    "https://www.youtube.com/live/abc",
    "https://site.example/@name/live",
    "https://site.example/users/@name/clip.mp4?t=30",
    "https://cdn.example/me@mail.example/a.m3u8",
    "https://h/a.m3u8?author=x&keyframe=1&keyint=30&channel=2",
    "https://h/a.m3u8?quality=720p&lang=de&session=on",
    "https://h/a.mp4#t=10,20",
    "https://h/live_user_stream/index.m3u8",
    "https://h/password/reset",
    "http://proxy/?url=https%3A%2F%2Fh%2F%40name",
    "http://proxy/?url=https%3A%2F%2Fh%2Fa%3Fchannel%3D1",
    "Open http://127.0.0.1:8000/ or http://[::1]:8000/.",
    "tcp://127.0.0.1:5541: Connection refused",
    "[tcp @ 0x55d0c8] Connection to tcp://192.168.1.9:554?timeout=5 failed: No route to host",
    "[rtsp @ 0x55d0c8] method DESCRIBE failed: 404 Not Found",
    "[h264 @ 0x55d0c8] error while decoding MB 12 30, bytestream -5",
    "[h264 @ 0x55d0c8] no frame! waiting for a key frame",
    "frame=  250 fps= 25 q=23.0 size=    1024kB time=00:00:10.02 bitrate= 837.0kbits/s speed=1.01x",
    "out_time=00:00:10.020000",
    "Stream #0:0[0x100]: Video: h264 (High), yuv420p(tv, bt709), 1920x1080 [SAR 1:1], 25 fps",
    "Duration: 00:00:10.00, start: 1.400000, bitrate: 1205 kb/s",
    "[libx264 @ 0x55] keyint=30 keyint_min=3 scenecut=40 rc=crf pass=1",
    "author=Smith copyright=2026 key=C user=me",
    "user_agent=Mozilla/5.0 (X11; Linux x86_64)",
    "encoder         : Lavf59.27.100",
    "wrong passphrase: give the one that the sender has",
    "the camera wants a user and a password: rtsp://USER and a colon go before the host",
    "Basic features of the encoder",
    "Basic Authentication is not enough",
    "Bearer of good news",
    "Digest of the day",
    "WWW-Authenticate: Digest realm=\"IP Camera\", nonce=\"1\"",
    "token: unexpected end of file",
    "session: the source plays at 2026-11-26T18:00:00.000Z",
    "2026-11-22T16:23:58.526Z warn  source away stream=default retry_in_ms=1000",
    "eyJ is not a token, and a.b.c is not either",
    "caf\xc3\xa9 \xf0\x9f\x8e\xa5 @ home",
    "a@b.example, c@d.example; e@f.example",
    "{\"viewers\":[{\"address\":\"192.0.2.1:50000\",\"agent\":\"curl/8\"}]}",
    "-filter_complex [0:v]scale=w=640:h=360,drawtext=text='%{localtime}'[v]",
    "#!/bin/sh",
};

class MaskForms : public testing::TestWithParam<Form> {};

TEST_P(MaskForms, ShowsEverythingButTheSecret) {
  EXPECT_EQ(mask_credentials(GetParam().text), GetParam().masked);
  EXPECT_THAT(mask_credentials(GetParam().text), testing::Not(testing::HasSubstr("hunt")));
}

TEST_P(MaskForms, IsNotChangedByMaskingAgain) {
  EXPECT_EQ(mask_credentials(GetParam().masked), GetParam().masked);
}

// Within a sentence, in quotes, and as a value of JSON.
TEST_P(MaskForms, HidesTheSecretWhateverStandsAround) {
  const std::string text = GetParam().text;
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped.push_back('\\');
    escaped.push_back(c);
  }
  for (const std::string& around : {"cannot open " + text, "'" + text + "': failed",
                                    "{\"a\":\"" + escaped + "\",\"b\":1}", text + "\nmail me@here"})
    EXPECT_THAT(mask_credentials(around), testing::Not(testing::HasSubstr("hunt"))) << around;
}

INSTANTIATE_TEST_SUITE_P(Cameras, MaskForms, testing::ValuesIn(kCameras));
INSTANTIATE_TEST_SUITE_P(PasswordsAsTyped, MaskForms, testing::ValuesIn(kPasswordsAsTyped));
INSTANTIATE_TEST_SUITE_P(SrtAndRtmp, MaskForms, testing::ValuesIn(kSrtAndRtmp));
INSTANTIATE_TEST_SUITE_P(Tokens, MaskForms, testing::ValuesIn(kTokens));
INSTANTIATE_TEST_SUITE_P(Nested, MaskForms, testing::ValuesIn(kNested));
INSTANTIATE_TEST_SUITE_P(LogLines, MaskForms, testing::ValuesIn(kLogLines));

TEST(MaskOther, LeavesTheRestAsItIs) {
  for (const char* text : kShownAsTheyAre) EXPECT_EQ(mask_credentials(text), text);
}

}  // namespace
}  // namespace livestream
