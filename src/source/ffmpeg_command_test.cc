#include "source/ffmpeg_command.h"

#include <initializer_list>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace livestream {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using Arguments = std::vector<std::string>;

const char* const kFormats =
    "mov,matroska,mpegts,avi,flv,live_flv,ogg,mpeg,mpegvideo,h264,hevc,m4v,obu,ivf,mjpeg,gif,mxf,"
    "asf,wtv,rm,nut,dv,yuv4mpegpipe,mp3,aac,ac3,eac3,wav,w64,flac,aiff,caf,au,amr";
const char* const kBrowser =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Safari/537.36";

const Arguments kHead = {"ffmpeg",    "-nostdin",   "-hide_banner", "-nostats",
                         "-loglevel", "level+info", "-progress",    "pipe:3"};
const Arguments kLive = {"-thread_type", "slice"};
const Arguments kMaps = {"-map", "0:V:0", "-map", "0:a:0?", "-sn", "-dn"};
const char* const kFilter =
    "scale=w='max(2,trunc(iw*sar*1/2+0.01)*2)':h='max(2,trunc(ih*1/2+0.01)*2)',setsar=1,"
    "format=yuv420p";
const Arguments kVideo = {"-vf",
                          kFilter,
                          "-fps_mode",
                          "cfr",
                          "-r",
                          "30",
                          "-c:v",
                          "libx264",
                          "-preset",
                          "ultrafast",
                          "-tune",
                          "zerolatency",
                          "-profile:v",
                          "baseline",
                          "-crf",
                          "23",
                          "-g",
                          "30",
                          "-keyint_min",
                          "30",
                          "-sc_threshold",
                          "0",
                          "-force_key_frames",
                          "expr:gte(t,n_forced*1)",
                          "-flags",
                          "+cgop",
                          "-bf",
                          "0"};
const Arguments kAudio = {"-c:a", "aac", "-b:a",  "128000", "-ac",
                          "2",    "-ar", "44100", "-af",    "aresample=async=1"};
const Arguments kOut = {"-flush_packets",       "1",     "-f", "flv", "-flvflags",
                        "no_duration_filesize", "pipe:1"};
// Where picture and sound come together.
const Arguments kPromptOut = {
    "-max_interleave_delta", "500000", "-flush_packets", "1", "-f", "flv", "-flvflags",
    "no_duration_filesize",  "pipe:1"};
const Arguments kSoundOut = {"-flush_packets",       "1",     "-f", "flv", "-flvflags",
                             "no_duration_filesize", "pipe:4"};
const Arguments kStart = {"-output_ts_offset", "1"};

Arguments joined(std::initializer_list<Arguments> parts) {
  Arguments all;
  for (const Arguments& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Picture and sound in one output.
Arguments together(const Arguments& video, const Arguments& out) {
  return joined({kMaps, video, kAudio, out});
}

// An output for each.
Arguments apart(const Arguments& video, const std::string& sound = "0:a:0") {
  return joined({{"-map", "0:V:0", "-sn", "-dn"},
                 video,
                 kStart,
                 kOut,
                 {"-map", sound, "-sn", "-dn"},
                 kAudio,
                 kStart,
                 kSoundOut});
}

Config config_for(const std::string& video_file) {
  Config config;
  config.source.video_file = video_file;
  config.source.video_file_is_default = false;
  return config;
}

Arguments command(const Config& config, const CommandFacts& facts = {}) {
  const Result<SourceSpec> source = detect_source(config.source);
  EXPECT_TRUE(source) << config.source.video_file;
  return ffmpeg_command(config.source, config.encoding, source.value_or(SourceSpec{}), facts);
}

Arguments command(const std::string& video_file, const CommandFacts& facts = {}) {
  return command(config_for(video_file), facts);
}

std::string value_of(const Arguments& arguments, const std::string& option) {
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] == option) return arguments[i + 1];
  }
  return "(absent)";
}

TEST(FfmpegCommand, FileIsReadAsFastAsItIsTaken) {
  EXPECT_EQ(command("-y clip.mp4"), joined({kHead,
                                            {"-protocol_whitelist", "file", "-format_whitelist",
                                             kFormats, "-i", "file:-y clip.mp4"},
                                            apart(kVideo)}));
}

TEST(FfmpegCommand, GrowingFileComesThroughStandardInput) {
  Config config = config_for("rec.mkv");
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
    EXPECT_EQ(command(config, facts),
              joined({kHead,
                      {"-protocol_whitelist", "pipe", "-format_whitelist", kFormats,
                       "-analyzeduration", "1000000", "-f", row.format, "-i", "pipe:0"},
                      apart(kVideo)}));
  }
}

TEST(FfmpegCommand, EveryNetworkSchemeHasItsOwnInput) {
  const struct {
    const char* url;
    Arguments input;
  } rows[] = {
      {"rtsp://u:p@h/s",
       {"-protocol_whitelist", "rtp,rtsp,tcp,udp", "-rtsp_transport", "tcp", "-probesize", "500000",
        "-analyzeduration", "500000", "-i", "rtsp://u:p@h/s"}},
      {"rtsps://h/s",
       {"-protocol_whitelist", "rtp,srtp,rtsp,rtsps,tcp,tls,udp,crypto", "-rtsp_transport", "tcp",
        "-probesize", "500000", "-analyzeduration", "500000", "-i", "rtsps://h/s"}},
      {"rtmp://h/a/k",
       {"-protocol_whitelist", "rtmp,tcp", "-rw_timeout", "5000000", "-analyzeduration", "1000000",
        "-i", "rtmp://h/a/k"}},
      {"rtmps://h/a/k",
       {"-protocol_whitelist", "rtmps,rtmp,tls,tcp", "-rw_timeout", "5000000", "-analyzeduration",
        "1000000", "-i", "rtmps://h/a/k"}},
      {"srt://h:1",
       {"-fflags", "+noparse", "-protocol_whitelist", "srt,udp", "-analyzeduration", "1000000",
        "-i", "srt://h:1"}},
      {"udp://h:1",
       {"-fflags", "+noparse", "-protocol_whitelist", "udp", "-overrun_nonfatal", "1",
        "-analyzeduration", "1000000", "-i", "udp://h:1"}},
      {"tcp://h:1",
       {"-fflags", "+noparse", "-protocol_whitelist", "tcp", "-rw_timeout", "5000000",
        "-analyzeduration", "1000000", "-i", "tcp://h:1"}},
      {"rtp://h:1",
       {"-protocol_whitelist", "rtp,udp", "-analyzeduration", "1000000", "-i", "rtp://h:1"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(command(row.url), joined({kHead, kLive, row.input, apart(kVideo)})) << row.url;
  }
}

TEST(FfmpegCommand, ParsersAreLeftOutOnlyWhereMpegTsIsEncodedLive) {
  const auto leaves_out = [](const Arguments& arguments) {
    return value_of(arguments, "-fflags") == "+noparse";
  };
  EXPECT_TRUE(leaves_out(command("http://h/live.ts?token=x")));
  EXPECT_FALSE(leaves_out(command("http://h/live.flv")));
  EXPECT_FALSE(leaves_out(command("clip.ts")));
  CommandFacts facts;
  facts.input.finite = true;
  EXPECT_FALSE(leaves_out(command("http://h/film.ts", facts)));
  facts = {};
  facts.input.whole_pictures = false;
  EXPECT_FALSE(leaves_out(command("tcp://h:1", facts)));
  Config copying = config_for("tcp://h:1");
  copying.encoding.video_codec = "copy";
  EXPECT_FALSE(leaves_out(command(copying)));
}

Arguments http_command(const char* url, const Arguments& live) {
  return joined({kHead,
                 live,
                 {"-protocol_whitelist", "http,https,httpproxy,tcp,tls,crypto,data", "-user_agent",
                  kBrowser, "-rw_timeout", "5000000", "-reconnect", "1", "-reconnect_streamed", "1",
                  "-reconnect_delay_max", "2", "-analyzeduration", "1000000", "-i", url},
                 apart(kVideo)});
}

TEST(FfmpegCommand, HttpIsLiveUnlessItEndsOrComesInSegments) {
  EXPECT_EQ(command("http://h/live"), http_command("http://h/live", kLive));

  CommandFacts finite;
  finite.input.finite = true;
  EXPECT_EQ(command("https://h/a.mp4", finite), http_command("https://h/a.mp4", {}));

  CommandFacts live_hls;
  live_hls.input.segmented = true;
  EXPECT_EQ(command("http://h/live.m3u8", live_hls), http_command("http://h/live.m3u8", {}));
}

TEST(FfmpegCommand, TheServerPacesWhatIsReadFasterThanItPlays) {
  const auto pace = [](const char* video_file, const InputFacts& input) {
    SourceSettings settings;
    settings.video_file = video_file;
    settings.video_file_is_default = false;
    return pace_of(detect_source(settings).value(), input);
  };
  EXPECT_EQ(pace("clip.mp4", {}), Pacer::Pace::kByClock);
  EXPECT_EQ(pace("http://h/a", {}), Pacer::Pace::kFindOut);
  EXPECT_EQ(pace("http://h/a", {.finite = true}), Pacer::Pace::kByClock);
  EXPECT_EQ(pace("http://h/a", {.segmented = true}), Pacer::Pace::kByClock);
  EXPECT_EQ(pace("rtsp://h/a", {.finite = true}), Pacer::Pace::kAsItComes);
  EXPECT_EQ(pace("demo", {}), Pacer::Pace::kAsItComes);
}

TEST(FfmpegCommand, LinuxCamera) {
  EXPECT_EQ(
      command("/dev/video0"),
      joined({kHead,
              kLive,
              {"-f", "v4l2", "-thread_queue_size", "512", "-framerate", "30", "-i", "/dev/video0"},
              together(kVideo, kPromptOut)}));
  Config config = config_for("/dev/video2");
  config.source.video_input_size = VideoSize{1280, 720};
  config.source.video_input_format = "mjpeg";
  config.source.audio_device = "hw:1";
  EXPECT_EQ(command(config),
            joined({kHead,
                    kLive,
                    {"-f", "v4l2", "-thread_queue_size", "512", "-video_size", "1280x720",
                     "-input_format", "mjpeg", "-framerate", "30", "-i", "/dev/video2",
                     "-thread_queue_size", "512", "-f", "alsa", "-i", "hw:1"},
                    apart(kVideo, "1:a:0")}));
  config.source.audio_device = "pulse";
  EXPECT_THAT(command(config), AllOf(Contains("pulse"), Contains("default")));
  config.source.audio_device = "pulse:mic1";
  EXPECT_THAT(command(config), AllOf(Contains("pulse"), Contains("mic1")));
}

TEST(FfmpegCommand, MacCameraAndScreen) {
  const auto mac = [](const Arguments& input) {
    return joined({kHead,
                   kLive,
                   {"-f", "avfoundation", "-thread_queue_size", "512", "-framerate", "30"},
                   input,
                   together(kVideo, kPromptOut)});
  };
  EXPECT_EQ(command("avfoundation:OBS Virtual Camera"), mac({"-i", "OBS Virtual Camera"}));
  EXPECT_EQ(command("avfoundation:1"), mac({"-i", "1"}));
  EXPECT_EQ(command("avfoundation:0:0"), mac({"-i", "0:0"}));
  EXPECT_EQ(command("avfoundation:Capture screen 0"),
            mac({"-capture_cursor", "1", "-i", "Capture screen 0"}));
  Config config = config_for("avfoundation:0");
  config.source.audio_device = "1";
  EXPECT_EQ(command(config), mac({"-i", "0:1"}));
}

TEST(FfmpegCommand, WindowsCamera) {
  const auto windows = [](const Arguments& input) {
    return joined({kHead,
                   kLive,
                   {"-f", "dshow", "-thread_queue_size", "512", "-rtbufsize", "128M"},
                   input,
                   together(kVideo, kPromptOut)});
  };
  EXPECT_EQ(command("dshow:Webcam"), windows({"-framerate", "30", "-i", "video=Webcam"}));
  EXPECT_EQ(command("video=Webcam:audio=Mic"),
            windows({"-framerate", "30", "-i", "video=Webcam:audio=Mic"}));
  Config config = config_for("video=Webcam");
  config.source.audio_device = "Mic";
  config.source.video_input_format = "mjpeg";
  config.source.video_input_size = VideoSize{640, 480};
  EXPECT_EQ(command(config), windows({"-video_size", "640x480", "-vcodec", "mjpeg", "-framerate",
                                      "30", "-i", "video=Webcam:audio=Mic"}));
}

TEST(FfmpegCommand, DemoDrawsAClockAndBeeps) {
  const std::string picture = "testsrc=size=1280x720:rate=30";
  const std::string clock =
      ",drawtext=text='%{localtime\\:%H\\\\\\:%M\\\\\\:%S}':fontsize=96:fontcolor=white:box=1:"
      "boxcolor=black@0.6:boxborderw=16:x=(w-text_w)/2:y=h-text_h-64";
  const Arguments tone = {"-re", "-f", "lavfi", "-i",
                          "aevalsrc=exprs=0.2*sin(2*PI*880*t)*lt(mod(t\\,1)\\,0.1):"
                          "sample_rate=44100"};
  EXPECT_EQ(
      command("demo"),
      joined({kHead, {"-re", "-f", "lavfi", "-i", picture + clock}, tone, apart(kVideo, "1:a:0")}));
  CommandFacts no_font;
  no_font.input.draws_text = false;
  EXPECT_EQ(command("demo", no_font),
            joined({kHead, {"-re", "-f", "lavfi", "-i", picture}, tone, apart(kVideo, "1:a:0")}));
}

TEST(FfmpegCommand, DemoIsDrawnSmallWhenThatIsAskedFor) {
  Config config = config_for("demo");
  config.encoding.video_resolution = VideoSize{640, 360};
  EXPECT_THAT(command(config), Contains(AllOf(HasSubstr("testsrc=size=640x360:rate=30"),
                                              HasSubstr(":fontsize=48:"))));
  for (const VideoSize other : {VideoSize{640, 480}, VideoSize{1920, 1080}}) {
    config.encoding.video_resolution = other;
    EXPECT_THAT(command(config), Contains(HasSubstr("testsrc=size=1280x720:rate=30")));
  }
}

TEST(FfmpegCommand, ASourceWithoutSoundHasOneOutput) {
  CommandFacts facts;
  facts.input.has_audio = false;
  const Arguments silent = command("tcp://h:1", facts);
  EXPECT_THAT(silent, AllOf(Contains("pipe:1"), Not(Contains("pipe:4")), Not(Contains("-c:a"))));
}

TEST(FfmpegCommand, SoundAloneGetsAStillPicture) {
  CommandFacts facts;
  facts.input.has_video = false;
  EXPECT_EQ(
      command("song.mp3", facts),
      joined({kHead,
              {"-protocol_whitelist", "file", "-format_whitelist", kFormats, "-i", "file:song.mp3",
               "-f", "lavfi", "-i", "color=color=0x14181f:size=640x360:rate=30", "-map", "1:v:0",
               "-map", "0:a:0", "-sn", "-dn", "-shortest"},
              kVideo,
              kAudio,
              kPromptOut}));
}

TEST(FfmpegCommand, CopyPassesTheVideoThrough) {
  Config config = config_for("rtsp://h/s");
  config.encoding.video_codec = "copy";
  EXPECT_EQ(command(config),
            joined({kHead,
                    kLive,
                    {"-protocol_whitelist", "rtp,rtsp,tcp,udp", "-rtsp_transport", "tcp",
                     "-probesize", "500000", "-analyzeduration", "500000", "-i", "rtsp://h/s"},
                    apart({"-c:v", "copy"})}));
}

TEST(FfmpegCommand, CopyEncodesWhatHasNoVideoToCopy) {
  Config config = config_for("demo");
  config.encoding.video_codec = "copy";
  EXPECT_EQ(command(config), command("demo"));
}

TEST(FfmpegCommand, InterlacedIsDeinterlaced) {
  CommandFacts facts;
  facts.input.interlaced = true;
  EXPECT_EQ(value_of(command("a.ts", facts), "-vf"),
            std::string("yadif=deint=interlaced,") + kFilter);
}

TEST(FfmpegCommand, QualitySetsSizeAndCrfAndWins) {
  const struct {
    double quality;
    const char* scale;
    const char* crf;
  } rows[] = {{1.0, "1", "18"},
              {0.75, "0.8125", "24"},
              {0.5, "0.625", "29"},
              {0.25, "0.4375", "35"},
              {0.0, "0.25", "40"}};
  for (const auto& row : rows) {
    Config config = config_for("a.mp4");
    config.encoding.video_quality = row.quality;
    config.encoding.video_crf = 30;
    config.encoding.video_resolution = VideoSize{320, 240};
    const Arguments arguments = command(config);
    const std::string scale = row.scale;
    EXPECT_EQ(value_of(arguments, "-vf"), "scale=w='max(2,trunc(iw*sar*" + scale +
                                              "/2+0.01)*2)':h='max(2,trunc(ih*" + scale +
                                              "/2+0.01)*2)',setsar=1,format=yuv420p");
    EXPECT_EQ(value_of(arguments, "-crf"), row.crf);
  }
}

TEST(FfmpegCommand, ResolutionIsExactEvenAndUndistorted) {
  Config config = config_for("a.mp4");
  config.encoding.video_resolution = VideoSize{1281, 721};
  EXPECT_EQ(value_of(command(config), "-vf"),
            "scale=w='max(2,trunc(min(1280,720*dar)/2+0.01)*2)':"
            "h='max(2,trunc(min(720,1280/dar)/2+0.01)*2)',"
            "pad=1280:720:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p");
}

TEST(FfmpegCommand, RateCapGopAndAudioFollowTheConfiguration) {
  Config config = config_for("a.mp4");
  config.encoding.video_fps = {30000, 1001};
  config.encoding.video_maxrate_bps = 4'000'000;
  config.encoding.audio_bitrate_bps = 96'000;
  config.encoding.video_preset = "veryfast";
  config.encoding.video_profile = "high";
  config.encoding.video_crf = 28;
  config.source.ffmpeg = "/opt/ffmpeg";
  const Arguments arguments = command(config);
  EXPECT_EQ(arguments.front(), "/opt/ffmpeg");
  EXPECT_EQ(value_of(arguments, "-r"), "30000/1001");
  EXPECT_EQ(value_of(arguments, "-g"), "30");
  EXPECT_EQ(value_of(arguments, "-maxrate"), "4000000");
  EXPECT_EQ(value_of(arguments, "-bufsize"), "4000000");
  EXPECT_EQ(value_of(arguments, "-b:a"), "96000");
  EXPECT_EQ(value_of(arguments, "-preset"), "veryfast");
  EXPECT_EQ(value_of(arguments, "-profile:v"), "high");
  EXPECT_EQ(value_of(arguments, "-crf"), "28");
  EXPECT_THAT(arguments, Not(Contains("-level")));
}

TEST(FfmpegCommand, OldFfmpegIsToldInItsOwnWords) {
  CommandFacts facts;
  facts.ffmpeg.major = 4;
  facts.ffmpeg.minor = 4;
  EXPECT_EQ(value_of(command("a.mp4", facts), "-vsync"), "cfr");
  EXPECT_THAT(command("a.mp4", facts), Not(Contains("-fps_mode")));
  facts.ffmpeg.major = 5;
  facts.ffmpeg.minor = 1;
  EXPECT_EQ(value_of(command("a.mp4", facts), "-fps_mode"), "cfr");
}

TEST(FfmpegCommand, OtherEncodersGetTheirOwnArguments) {
  const struct {
    const char* codec;
    Arguments expected;
    const char* pixels;
  } rows[] = {
      {"h264_nvenc",
       {"-preset", "p1", "-tune", "ull", "-profile:v", "baseline", "-rc", "vbr", "-cq", "23",
        "-b:v", "0", "-zerolatency", "1", "-forced-idr", "1", "-no-scenecut", "1"},
       "format=yuv420p"},
      {"h264_vaapi", {"-profile:v", "constrained_baseline", "-qp", "23"}, "format=nv12,hwupload"},
      {"h264_qsv",
       {"-preset", "veryfast", "-profile:v", "baseline", "-global_quality", "23", "-async_depth",
        "1", "-look_ahead", "0", "-forced_idr", "1"},
       "format=nv12"},
      {"h264_videotoolbox",
       {"-profile:v", "baseline", "-realtime", "1", "-allow_sw", "1", "-b:v", "4000000"},
       "format=yuv420p"},
      {"h264_v4l2m2m", {"-b:v", "4000000"}, "format=yuv420p"},
      {"libopenh264",
       {"-profile:v", "constrained_baseline", "-allow_skip_frames", "0", "-b:v", "4000000"},
       "format=yuv420p"},
      {"h264_other", {"-b:v", "4000000"}, "format=yuv420p"},
  };
  for (const auto& row : rows) {
    Config config = config_for("a.mp4");
    config.encoding.video_codec = row.codec;
    const Arguments arguments = command(config);
    const auto at = std::find(arguments.begin(), arguments.end(), "-c:v") + 1;
    EXPECT_EQ(*at, row.codec);
    Arguments rest(at + 1, arguments.end());
    ASSERT_GE(rest.size(), row.expected.size());
    rest.resize(row.expected.size() + 1);
    EXPECT_EQ(rest.back(), "-g") << row.codec;
    rest.pop_back();
    EXPECT_EQ(rest, row.expected) << row.codec;
    EXPECT_THAT(value_of(arguments, "-vf"), testing::EndsWith(row.pixels));
    EXPECT_EQ(value_of(arguments, "-vaapi_device"),
              std::string(row.codec) == "h264_vaapi" ? "/dev/dri/renderD128" : "(absent)");
  }
}

TEST(FfmpegCommand, NoTextOfTheUserReachesAFilter) {
  const std::string evil = "movie=/etc/passwd,[x]";
  for (const std::string& source : {evil, "rtsp://h/" + evil, "http://h/" + evil,
                                    "/dev/video" + evil, "avfoundation:" + evil}) {
    Config config = config_for(source);
    config.source.audio_device = evil;
    config.source.video_input_format = evil;
    const Arguments arguments = command(config);
    EXPECT_THAT(value_of(arguments, "-vf"), Not(HasSubstr("movie")));
    EXPECT_THAT(value_of(arguments, "-af"), Not(HasSubstr("movie")));
    EXPECT_THAT(arguments, Not(Contains("lavfi")));
  }
}

}  // namespace
}  // namespace livestream
