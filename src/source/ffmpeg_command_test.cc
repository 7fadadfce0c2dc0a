#include "source/ffmpeg_command.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/stream_settings.h"
#include "source/made_command_for_test.h"
#include "source/shape_relay.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
// Four whole commands, for the order of the parts. All else is tested by properties.

const char* const kFormats =
    "mov,matroska,mpegts,avi,flv,live_flv,ogg,mpeg,mpegvideo,h264,hevc,m4v,obu,ivf,mjpeg,gif,mxf,"
    "asf,wtv,rm,nut,dv,image2,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,"
    "yuv4mpegpipe,mp3,aac,ac3,eac3,wav,w64,flac,aiff,caf,au,amr";
const char* const kFilter =
    "scale=w='max(2,trunc(iw*sar*1/2+0.01)*2)':h='max(2,trunc(ih*1/2+0.01)*2)',setsar=1,"
    "format=yuv420p";

// A word list; blanks separate.
Arguments words(const std::string& text) {
  Arguments list(1);
  for (const char c : text) {
    if (c == ' ') {
      if (!list.back().empty()) list.emplace_back();
    } else {
      list.back() += c;
    }
  }
  return list;
}

const std::string kHead =
    "ffmpeg -nostdin -hide_banner -nostats -loglevel level+info -progress pipe:3 ";
const std::string kVideo =
    std::string("-vf ") + kFilter +
    " -fps_mode cfr -r 30 -c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline "
    "-crf 23 -g 30 -keyint_min 30 -sc_threshold 0 -force_key_frames expr:gte(t,n_forced*1) "
    "-flags +cgop -bf 0 ";
const std::string kAudio = "-c:a aac -b:a 128000 -ac 2 -ar 44100 ";
const std::string kFlv = "-flush_packets 1 -f flv -flvflags no_duration_filesize ";
const std::string kApart = "-map 0:V:0 -sn -dn " + kVideo + "-output_ts_offset 1 " + kFlv +
                           "pipe:1 -map 0:a:0 -sn -dn " + kAudio + "-output_ts_offset 1 " + kFlv +
                           "pipe:4";
const std::string kTried =
    " -map 0:a:0 -sn -dn -c:a copy -tag:a 10 -output_ts_offset 1 -f tee "
    "[f=flv:flvflags=no_duration_filesize:flush_packets=1:onfail=ignore]pipe:6|[f=null]-";

// Before the input, and after the other outputs, of a source that may change its shape.
const std::string kRemembers = "-reinit_filter:v 0 ";
const std::string kRelay =
    " -map 0:V:0 -sn -dn -vf " +
    relay_filter("max(2,trunc(iw*sar*1/2+0.01)*2)", "max(2,trunc(ih*1/2+0.01)*2)") +
    " -autoscale 0 -fps_mode cfr -r 30 -c:v rawvideo -threads 1 -f rawvideo -flush_packets 1 "
    "pipe:5";

TEST(FfmpegCommand, Golden) {
  EXPECT_EQ(command("clip.mp4"),
            words(kHead + kRemembers + "-protocol_whitelist file -format_whitelist " + kFormats +
                  " -i file:clip.mp4 " + kApart + kRelay));
  EXPECT_EQ(command("rtsp://u:p@h/s"),
            words(kHead + kRemembers +
                  "-thread_type slice -fpsprobesize 0 -protocol_whitelist rtp,rtsp,tcp,udp "
                  "-rtsp_transport tcp -max_probe_packets 8 -probesize 32 -i rtsp://u:p@h/s " +
                  kApart + kTried + kRelay));
  EXPECT_EQ(command("/dev/video0"),
            words(kHead +
                  "-thread_type slice -f v4l2 -thread_queue_size 512 -framerate 30 -i /dev/video0 "
                  "-map 0:V:0 -map 0:a:0? -sn -dn " +
                  kVideo + kAudio + "-max_interleave_delta 500000 " + kFlv + "pipe:1"));
  EXPECT_EQ(command("song.mp3", described("mp3", {kAac})),
            words(kHead + "-protocol_whitelist file -format_whitelist " + kFormats +
                  " -i file:song.mp3 -f lavfi -i "
                  "color=color=0x14181f:size=640x360:rate=30 -map 1:v:0 -map 0:a:0 -sn -dn "
                  "-shortest " +
                  kVideo + kAudio + "-max_interleave_delta 500000 " + kFlv + "pipe:1"));
}

TEST(FfmpegCommand, StaysTheSameWhenAPlainSourceIsDescribed) {
  const struct {
    const char* source;
    const char* format;
    double seconds;
  } rows[] = {{"clip.mp4", "mov,mp4,m4a,3gp,3g2,mj2", 9},
              {"clip.mkv", "matroska,webm", 9},
              {"rtsp://h/s", "rtsp", 0},
              {"rtmp://h/s", "flv", 0},
              {"srt://h:1", "mpegts", 0},
              {"udp://h:1", "mpegts", 0},
              {"tcp://h:1", "mpegts", 0},
              {"http://h/live.ts", "mpegts", 0},
              {"http://h/live", "mpegts", 0},
              {"http://h/live.m3u8", "hls", 0},
              {"https://h/manifest.mpd", "dash", 0}};
  for (const auto& row : rows) {
    StreamSettings config = config_for(row.source);
    for (const StreamFacts& sound : {kAac, kAacLc}) {
      const CommandFacts facts = described(row.format, {kH264, sound}, row.seconds);
      EXPECT_EQ(command(config), command_with_both_sounds(config, facts)) << row.source;
    }
    config.encoding.audio_codec = AudioCodec::kAac;
    const CommandFacts facts = described(row.format, {kH264, kAacLc}, row.seconds);
    EXPECT_EQ(command(config), command(config, facts)) << row.source;
  }
}

TEST(FfmpegCommand, APathIsNeverAnOptionOrAUrl) {
  EXPECT_EQ(values_of(command("-y clip.mp4"), "-i"), Arguments{"file:-y clip.mp4"});
  EXPECT_EQ(values_of(command("concat:a|b"), "-i"), Arguments{"file:concat:a|b"});
}

TEST(FfmpegCommand, GrowingFileComesThroughStandardInput) {
  StreamSettings config = config_for("rec.mkv");
  config.source.growing_file = true;
  const struct {
    GrowingContainer container;
    const char* format;
  } rows[] = {{GrowingContainer::kMatroska, "matroska"},
              {GrowingContainer::kMpegTs, "mpegts"},
              {GrowingContainer::kMp4, "mp4"}};
  for (const auto& row : rows) {
    CommandFacts facts;
    facts.container = row.container;
    const FfmpegCommand run = made(config, facts);
    EXPECT_EQ(value_of(run.arguments, "-protocol_whitelist"), "pipe");
    EXPECT_EQ(value_of(run.arguments, "-f"), row.format);
    EXPECT_EQ(value_of(run.arguments, "-i"), "pipe:0");
    EXPECT_EQ(run.pace, Pacer::Pace::kByClock);
    EXPECT_TRUE(run.sound_apart);
  }
}

TEST(FfmpegCommand, EveryNetworkSchemeHasItsOwnProtocols) {
  const struct {
    const char* url;
    const char* protocols;
  } rows[] = {{"rtsp://h/s", "rtp,rtsp,tcp,udp"},
              {"rtsps://h/s", "rtp,srtp,rtsp,rtsps,tcp,tls,udp,crypto"},
              {"rtmp://h/a/k", "rtmp,tcp"},
              {"rtmps://h/a/k", "rtmps,rtmp,tls,tcp"},
              {"srt://h:1", "srt,udp"},
              {"udp://h:1", "udp"},
              {"tcp://h:1", "tcp"},
              {"rtp://h:1", "rtp,udp"},
              {"https://h/live", "http,https,httpproxy,tcp,tls,crypto,data"}};
  for (const auto& row : rows) {
    const FfmpegCommand run = made(row.url);
    const bool carried = !run.carrier.empty();
    EXPECT_EQ(value_of(carried ? run.carrier : run.arguments, "-protocol_whitelist"), row.protocols)
        << row.url;
    const Arguments input = before(run.arguments, carried ? "pipe:0" : row.url);
    EXPECT_EQ(value_of(input, "-protocol_whitelist"), carried ? "pipe" : row.protocols) << row.url;
    EXPECT_EQ(value_of(input, "-thread_type"), "slice") << row.url;
    EXPECT_THAT(input, AllOf(Contains("-fpsprobesize"), Not(Contains("-re")))) << row.url;
    EXPECT_EQ(value_of(input, "-max_probe_packets"), "8") << row.url;
    EXPECT_NE(run.pace, Pacer::Pace::kByClock) << row.url;
    EXPECT_TRUE(run.sound_apart) << row.url;
  }
}

// Without a parser a picture would go on when the next one begins.
TEST(FfmpegCommand, ATransportStreamWithoutAParserIsCarried) {
  for (const char* url : {"tcp://h:1", "udp://h:1", "srt://h:1"}) {
    const FfmpegCommand run = made(url);
    EXPECT_EQ(value_of(run.arguments, "-i"), "pipe:0") << url;
    EXPECT_EQ(value_of(run.carrier, "-i"), url);
    EXPECT_EQ(value_of(run.carrier, "-f"), "data") << url;
    EXPECT_EQ(run.carrier.back(), "pipe:1") << url;
  }
  for (const char* url : {"rtsp://h/s", "rtmp://h/a/k", "rtp://h:1", "http://h/live.ts", "/a.ts"})
    EXPECT_TRUE(made(url).carrier.empty()) << url;
}

TEST(FfmpegCommand, AnOldFfmpegGetsNoOptionThatItDoesNotKnow) {
  CommandFacts facts;
  facts.ffmpeg.major = 4;
  facts.ffmpeg.minor = 2;
  for (const char* source : {"tcp://h:1", "rtsp://h/s", "http://h/a.ts"})
    EXPECT_THAT(command(source, facts), Not(Contains("-max_probe_packets"))) << source;
}

TEST(FfmpegCommand, ALiveSourceIsNotAnalysedLongerThanItsTracksNeed) {
  const auto analysis = [](const char* url, const char* codec, const LearntFacts& learnt) {
    StreamSettings config = config_for(url);
    config.encoding.video_codec = codec;
    const Arguments arguments = command(config, {.input = {}, .learnt = learnt, .ffmpeg = {}});
    return value_of(arguments, "-fpsprobesize") + " " + value_of(arguments, "-probesize");
  };
  EXPECT_EQ(analysis("rtsp://h/s", "libx264", {}), "0 32");
  EXPECT_EQ(analysis("tcp://h:1", "libx264", {}), "0 (absent)");
  EXPECT_EQ(analysis("http://h/live", "libx264", {}), "0 (absent)");
  // Tracks that only the media shows, and pictures that are not coded anew.
  EXPECT_EQ(analysis("rtsp://h/s", "libx264", {.tracks_come_late = true}), "0 500000");
  EXPECT_EQ(analysis("rtsp://h/s", "copy", {}), "(absent) 500000");
  EXPECT_EQ(analysis("rtsp://h/s", "copy", {.frame_rate = 25}), "0 500000");
  EXPECT_EQ(analysis("tcp://h:1", "copy", {}), "(absent) (absent)");
  EXPECT_EQ(analysis("clip.mp4", "libx264", {}), "(absent) (absent)");
}

TEST(FfmpegCommand, ParsersAreLeftOutOnlyWhereMpegTsIsEncodedLive) {
  const auto leaves_out = [](const Arguments& arguments) {
    return value_of(arguments, "-fflags") == "+noparse";
  };
  EXPECT_TRUE(leaves_out(command("http://h/live.ts?token=x")));
  EXPECT_TRUE(leaves_out(command("tcp://h:1")));
  EXPECT_FALSE(leaves_out(command("http://h/live.flv")));
  EXPECT_FALSE(leaves_out(command("clip.ts")));
  EXPECT_FALSE(leaves_out(command("http://h/film.ts", described("mpegts", {kH264}, 9))));
  CommandFacts complained;
  complained.learnt.whole_pictures = false;
  EXPECT_FALSE(leaves_out(command("tcp://h:1", complained)));
  StreamSettings copying = config_for("tcp://h:1");
  copying.encoding.video_codec = "copy";
  EXPECT_FALSE(leaves_out(command(copying)));
}

TEST(FfmpegCommand, ParsersAreLeftOutForContainersAndCodecsThatNeedNone) {
  const auto stream = [](int index, StreamKind kind, const char* codec) {
    return StreamFacts{.index = index, .kind = kind, .codec = codec};
  };
  const StreamFacts hevc = stream(0, StreamKind::kVideo, "hevc");
  const StreamFacts mpeg2 = stream(0, StreamKind::kVideo, "mpeg2video");
  const StreamFacts opus = stream(1, StreamKind::kAudio, "opus");
  const struct {
    CommandFacts facts;
    bool leaves_out;
  } rows[] = {
      {described("mpegts", {kH264, kAac}), true}, {described("mpegts", {hevc}), true},
      {described("mpegts", {mpeg2}), false},      {described("mpegts", {kH264, opus}), false},
      {described("flv", {kH264}), true},          {described("h264", {kH264}), false},
      {described("mpeg", {kH264}), false}};
  for (const auto& row : rows) {
    EXPECT_EQ(value_of(command("tcp://h:1", row.facts), "-fflags") == "+noparse", row.leaves_out)
        << row.facts.input.format << " " << row.facts.input.streams.front().codec;
  }
}

TEST(FfmpegCommand, TheServerPacesWhatIsReadFasterThanItPlays) {
  const CommandFacts film = described("mov", {kH264, kAac}, 9);
  EXPECT_EQ(made("clip.mp4").pace, Pacer::Pace::kByClock);
  EXPECT_EQ(made("http://h/a").pace, Pacer::Pace::kFindOut);
  EXPECT_EQ(made("http://h/a", film).pace, Pacer::Pace::kByClock);
  EXPECT_EQ(made("rtsp://h/a", film).pace, Pacer::Pace::kAsItComes);
  EXPECT_EQ(made("demo").pace, Pacer::Pace::kAsItComes);
  EXPECT_EQ(made("/dev/video0").pace, Pacer::Pace::kAsItComes);
  for (const char* source : {"clip.mp4", "http://h/a", "demo"})
    EXPECT_THAT(command(source, film), Not(Contains("-stream_loop"))) << source;
}

TEST(FfmpegCommand, APassOfAShortClipWithoutSoundPlaysItSeveralTimes) {
  const auto command_for = [](std::vector<StreamFacts> streams, double seconds) {
    return command("clip.mp4", described("mov,mp4", std::move(streams), seconds));
  };
  EXPECT_THAT(command_for({kH264}, 0.2), IsSupersetOf({"-stream_loop", "10"}));
  for (const double seconds : {0.033, 0.0, 4.0})
    EXPECT_THAT(command_for({kH264}, seconds), Not(Contains("-stream_loop"))) << seconds;
  EXPECT_THAT(command_for({kH264, kAac}, 0.2), Not(Contains("-stream_loop")));
}

TEST(FfmpegCommand, ASnapshotIsReadByItsOwnDemuxer) {
  const StreamFacts jpeg{.kind = StreamKind::kVideo, .codec = "mjpeg"};
  for (const char* format : {"image2", "jpeg_pipe"})
    EXPECT_THAT(command("http://h/1.jpg", described(format, {jpeg})), Contains("jpeg_pipe"))
        << format;
  EXPECT_THAT(command("http://h/video.jpg", described("mpjpeg", {jpeg})),
              Not(Contains("jpeg_pipe")));
}

TEST(FfmpegCommand, HttpIsDecodedLiveUnlessItEndsOrComesInSegments) {
  EXPECT_THAT(command("http://h/live"), Contains("slice"));
  EXPECT_THAT(command("http://h/a", described("mov", {kH264}, 9)), Not(Contains("slice")));
  EXPECT_THAT(command("http://h/a.m3u8"), Not(Contains("slice")));
  EXPECT_THAT(before(command("http://h/live"), "http://h/live"),
              IsSupersetOf({"-user_agent", "-reconnect"}));
}

TEST(FfmpegCommand, PlaylistsAreSegmentedByNameUntilTheyAreDescribed) {
  for (const char* url :
       {"http://h/live.m3u8", "http://h/LIVE.M3U8?x=1", "http://h/a.m3u", "http://h/m.mpd#t"}) {
    EXPECT_TRUE(made(url).segmented) << url;
    EXPECT_EQ(made(url).pace, Pacer::Pace::kByClock) << url;
    EXPECT_FALSE(made(url, described("mpegts", {kH264})).segmented) << url;
  }
  for (const char* url : {"http://h/live", "http://a.m3u8/x", "http://h/x?y=.m3u8", "a.m3u8"}) {
    EXPECT_FALSE(made(url).segmented) << url;
  }
  EXPECT_TRUE(made("http://h/live", described("hls", {kH264})).segmented);
  EXPECT_TRUE(made("http://h/live", described("dash", {kH264})).segmented);
}

TEST(FfmpegCommand, RtspComesByTheTransportThatIsSetOrLearnt) {
  const struct {
    RtspTransport set;
    RtspTransport learnt;
    const char* name;
  } rows[] = {{RtspTransport::kAuto, RtspTransport::kTcp, "tcp"},
              {RtspTransport::kAuto, RtspTransport::kUdp, "udp"},
              {RtspTransport::kAuto, RtspTransport::kMulticast, "udp_multicast"},
              {RtspTransport::kTcp, RtspTransport::kUdp, "tcp"},
              {RtspTransport::kUdp, RtspTransport::kTcp, "udp"},
              {RtspTransport::kMulticast, RtspTransport::kTcp, "udp_multicast"},
              {RtspTransport::kHttp, RtspTransport::kTcp, "http"}};
  for (const char* url : {"rtsp://h/s", "rtsps://h/s"}) {
    for (const auto& row : rows) {
      StreamSettings config = config_for(url);
      config.source.rtsp_transport = row.set;
      CommandFacts facts;
      facts.learnt.rtsp_transport = row.learnt;
      const Arguments arguments = command(config, facts);
      EXPECT_EQ(value_of(arguments, "-rtsp_transport"), row.name) << url;
      EXPECT_EQ(value_of(arguments, "-protocol_whitelist").find(",http") != std::string::npos,
                row.set == RtspTransport::kHttp);
    }
  }
}

TEST(FfmpegCommand, LiveFormatsWithoutStampsAreStampedByArrival) {
  const auto stamps = [](const char* source, const CommandFacts& facts) {
    const FfmpegCommand run = made(source, facts);
    EXPECT_EQ(run.stamps_by_arrival,
              value_of(run.arguments, "-use_wallclock_as_timestamps") == "1");
    return run.stamps_by_arrival;
  };
  for (const char* format : {"mpjpeg", "mjpeg", "h264", "hevc", "m4v"}) {
    EXPECT_TRUE(stamps("http://h/x", described(format, {kH264}))) << format;
    EXPECT_TRUE(stamps("tcp://h:1", described(format, {kH264}))) << format;
    EXPECT_FALSE(stamps("clip.h264", described(format, {kH264}))) << format;
    EXPECT_FALSE(stamps("http://h/x", described(format, {kH264}, 9))) << format;
  }
  EXPECT_FALSE(stamps("tcp://h:1", described("mpegts", {kH264})));
  EXPECT_FALSE(stamps("tcp://h:1", {}));
  CommandFacts complained;
  complained.learnt.whole_pictures = false;
  EXPECT_TRUE(stamps("tcp://h:1", complained)) << "raw H.264 as a guess";
  EXPECT_FALSE(stamps("srt://h:1", complained));
  complained.input = described("mpegts", {kH264}).input;
  EXPECT_FALSE(stamps("tcp://h:1", complained));
}

TEST(FfmpegCommand, LinuxCamera) {
  StreamSettings config = config_for("/dev/video2");
  config.source.video_input_size = VideoSize{1280, 720};
  config.source.video_input_format = "mjpeg";
  config.source.audio_device = "hw:1";
  const FfmpegCommand run = made(config);
  EXPECT_THAT(values_of(run.arguments, "-i"), ElementsAre("/dev/video2", "hw:1"));
  EXPECT_EQ(value_of(run.arguments, "-video_size"), "1280x720");
  EXPECT_EQ(value_of(run.arguments, "-input_format"), "mjpeg");
  EXPECT_EQ(value_of(run.arguments, "-framerate"), "30");
  EXPECT_THAT(values_of(run.arguments, "-f"), ElementsAre("v4l2", "alsa", "flv", "flv"));
  EXPECT_THAT(values_of(run.arguments, "-map"), ElementsAre("0:V:0", "1:a:0"));
  EXPECT_TRUE(run.sound_apart);
  for (const auto& [device, name] : {std::pair("pulse", "default"), std::pair("pulse:m", "m")}) {
    config.source.audio_device = device;
    EXPECT_THAT(values_of(command(config), "-i"), ElementsAre("/dev/video2", name));
    EXPECT_THAT(values_of(command(config), "-f"), Contains("pulse"));
  }
}

TEST(FfmpegCommand, MacCameraAndScreen) {
  for (const char* device : {"OBS Virtual Camera", "1", "0:0"}) {
    const Arguments arguments = command(std::string("avfoundation:") + device);
    EXPECT_EQ(value_of(arguments, "-f"), "avfoundation");
    EXPECT_EQ(value_of(arguments, "-i"), device);
    EXPECT_THAT(arguments, Not(Contains("-capture_cursor")));
  }
  EXPECT_EQ(value_of(command("avfoundation:Capture screen 0"), "-capture_cursor"), "1");
  StreamSettings config = config_for("avfoundation:0");
  config.source.audio_device = "1";
  EXPECT_EQ(value_of(command(config), "-i"), "0:1");
}

TEST(FfmpegCommand, WindowsCamera) {
  EXPECT_EQ(value_of(command("dshow:Webcam"), "-i"), "video=Webcam");
  EXPECT_EQ(value_of(command("video=Webcam:audio=Mic"), "-i"), "video=Webcam:audio=Mic");
  StreamSettings config = config_for("video=Webcam");
  config.source.audio_device = "Mic";
  config.source.video_input_format = "mjpeg";
  config.source.video_input_size = VideoSize{640, 480};
  const Arguments arguments = command(config);
  EXPECT_EQ(value_of(arguments, "-i"), "video=Webcam:audio=Mic");
  EXPECT_EQ(value_of(arguments, "-vcodec"), "mjpeg");
  EXPECT_EQ(value_of(arguments, "-video_size"), "640x480");
}

TEST(FfmpegCommand, DemoDrawsAClockAndBeeps) {
  const FfmpegCommand run = made("demo");
  EXPECT_THAT(values_of(run.arguments, "-i"),
              ElementsAre(AllOf(HasSubstr("testsrc=size=1280x720:rate=30"),
                                HasSubstr("drawtext=text='%{localtime")),
                          HasSubstr("aevalsrc")));
  EXPECT_THAT(values_of(run.arguments, "-map"), ElementsAre("0:V:0", "1:a:0"));
  CommandFacts no_font;
  no_font.learnt.draws_text = false;
  EXPECT_EQ(value_of(command("demo", no_font), "-i"), "testsrc=size=1280x720:rate=30");
}

TEST(FfmpegCommand, DemoIsDrawnSmallWhenThatIsAskedFor) {
  StreamSettings config = config_for("demo");
  config.encoding.video_resolution = VideoSize{640, 360};
  EXPECT_THAT(command(config), Contains(AllOf(HasSubstr("testsrc=size=640x360:rate=30"),
                                              HasSubstr(":fontsize=48:"))));
  for (const VideoSize other : {VideoSize{640, 480}, VideoSize{1920, 1080}}) {
    config.encoding.video_resolution = other;
    EXPECT_THAT(command(config), Contains(HasSubstr("testsrc=size=1280x720:rate=30")));
  }
}

TEST(FfmpegCommand, MapsTheTracksThatAreChosen) {
  StreamFacts second = kAac;
  second.index = 2;
  second.is_default = true;
  EXPECT_THAT(values_of(command("a.mkv", described("matroska", {kH264, kAac, second})), "-map"),
              ElementsAre("0:V:0", "0:2", "0:V:0"))
      << "the relay has the picture, too";
  EXPECT_THAT(values_of(command("http://h/a", described("hls", {kH264, kAac, second})), "-map"),
              ElementsAre("0:V:0", "0:2", "0:V:0"));
}

TEST(FfmpegCommand, StampsByArrivalWhereALiveSourceHasNoneOrLosesTime) {
  const auto by_arrival = [](const std::string& url, CommandFacts facts, bool loses_time = false) {
    facts.learnt.stamps_lose_time = loses_time;
    return value_of(command(url, facts), "-use_wallclock_as_timestamps") == "1";
  };
  for (const char* format : {"mpjpeg", "mjpeg", "h264", "hevc"}) {
    EXPECT_TRUE(by_arrival("tcp://h:1", described(format, {kH264}))) << format;
    EXPECT_TRUE(by_arrival("http://h/a", described(format, {kH264}))) << format;
    EXPECT_FALSE(by_arrival("a.h264", described(format, {kH264}))) << format;
  }
  EXPECT_FALSE(by_arrival("rtsp://h/s", described("rtsp", {kH264, kAac})));
  EXPECT_TRUE(by_arrival("rtsp://h/s", described("rtsp", {kH264, kAac}), true));
  EXPECT_TRUE(by_arrival("http://h/a.ts", described("mpegts", {kH264}), true));
  // Paced by the server, in bursts, and stamped by the clock already.
  EXPECT_FALSE(by_arrival("http://h/a.mp4", described("mov", {kH264}, 9), true));
  EXPECT_FALSE(by_arrival("http://h/a.m3u8", described("hls", {kH264}), true));
  EXPECT_FALSE(by_arrival("/dev/video0", described("v4l2", {kH264}), true));
}

TEST(FfmpegCommand, CopyPassesTheVideoThrough) {
  StreamSettings config = config_for("rtsp://h/s");
  config.encoding.video_codec = "copy";
  const FfmpegCommand run = made(config);
  EXPECT_TRUE(run.copies_video);
  EXPECT_EQ(value_of(run.arguments, "-c:v"), "copy");
  EXPECT_THAT(run.arguments, AllOf(Not(Contains("-vf")), Not(Contains("-g"))));
}

TEST(FfmpegCommand, CopyEncodesWhereThereIsNoVideoToCopy) {
  StreamSettings config = config_for("demo");
  config.encoding.video_codec = "copy";
  EXPECT_EQ(command(config), command("demo"));
  EXPECT_FALSE(made(config).copies_video);
  StreamSettings music = config_for("song.mp3");
  music.encoding.video_codec = "copy";
  EXPECT_FALSE(made(music, described("mp3", {kAac})).copies_video);
}

TEST(FfmpegCommand, InterlacedIsDeinterlaced) {
  StreamFacts interlaced = kH264;
  interlaced.fields = FieldOrder::kInterlaced;
  EXPECT_EQ(value_of(command("a.ts", described("mpegts", {interlaced})), "-vf"),
            std::string("scale=interl=1,yadif=deint=interlaced,") + kFilter);
}

TEST(FfmpegCommand, RelaysTheShapesOfWhatMayChange) {
  for (const char* source : {"a.mp4", "rtsp://h/a", "udp://127.0.0.1:9", "http://h/a.ts"})
    EXPECT_TRUE(made(source).relays_shapes) << source;
  for (const char* source : {"demo", "/dev/video0"})
    EXPECT_FALSE(made(source).relays_shapes) << source;
  EXPECT_FALSE(made("a.mp3", described("mp3", {kAac})).relays_shapes) << "no picture";
}

TEST(FfmpegCommand, RelaysNoShapesWhereTheSizeIsFixedOrTheVideoIsCopied) {
  StreamSettings config = config_for("a.mp4");
  config.encoding.video_resolution = VideoSize{320, 240};
  EXPECT_FALSE(made(config).relays_shapes);
  EXPECT_THAT(command(config), Not(Contains("-reinit_filter:v")));
  config.encoding.video_quality = 0.5;
  EXPECT_TRUE(made(config).relays_shapes) << "VIDEO_QUALITY wins";
  config.encoding.video_codec = "copy";
  EXPECT_FALSE(made(config).relays_shapes);
}

TEST(FfmpegCommand, AnFfmpegBefore44RelaysNothing) {
  CommandFacts facts;
  facts.ffmpeg.major = 4;
  facts.ffmpeg.minor = 3;
  EXPECT_THAT(command("a.mp4", facts), Not(Contains("-autoscale")));
  facts.ffmpeg.minor = 4;
  EXPECT_THAT(command("a.mp4", facts), Contains("-autoscale"));
  facts.learnt.relays_shapes = false;
  EXPECT_THAT(command("a.mp4", facts), Not(Contains("-autoscale")))
      << "it has shown that it cannot";
}

TEST(FfmpegCommand, NoTextOfTheUserReachesAFilter) {
  const std::string evil = "movie=/etc/passwd,[x]";
  for (const std::string& source : {evil, "rtsp://h/" + evil, "http://h/" + evil,
                                    "/dev/video" + evil, "avfoundation:" + evil}) {
    StreamSettings config = config_for(source);
    config.source.audio_device = evil;
    config.source.video_input_format = evil;
    const Arguments arguments = command(config);
    EXPECT_THAT(value_of(arguments, "-vf"), Not(HasSubstr("movie")));
    EXPECT_THAT(value_of(arguments, "-af"), Not(HasSubstr("movie")));
    EXPECT_THAT(arguments, Not(Contains("lavfi")));
  }
}

TEST(FfmpegCommand, NotesAPictureThatIsNotTheSources) {
  const auto notes_of = [](const std::string& source, std::vector<StreamFacts> streams) {
    return made(source, described("mov", std::move(streams), 9)).tracks.notes;
  };
  const auto at = [](double fps) {
    StreamFacts picture = kH264;
    picture.fps = fps;
    return picture;
  };
  EXPECT_THAT(notes_of("film.mp4", {at(60), kAac}),
              ::testing::ElementsAre("the source has 60 pictures a second and 30 are sent: "
                                     "VIDEO_FPS sets how many"));
  EXPECT_THAT(notes_of("film.mp4", {at(59.94)}),
              ::testing::ElementsAre(::testing::HasSubstr("has 59.94 pictures")));
  for (const double fps : {0.0, 25.0, 29.97, 30.0, 30.3}) {
    EXPECT_THAT(notes_of("film.mp4", {at(fps), kAac}), ::testing::IsEmpty()) << fps;
  }
  EXPECT_THAT(notes_of("film.mp4", {kAac}),
              ::testing::ElementsAre(::testing::HasSubstr("sound alone")));
}

}  // namespace
}  // namespace livestream
