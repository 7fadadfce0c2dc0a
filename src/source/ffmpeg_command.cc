#include "source/ffmpeg_command.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "config/quality.h"
#include "source/encoder_arguments.h"
#include "source/input_arguments.h"
#include "source/shape_relay.h"

namespace livestream {
namespace {

using Arguments = std::vector<std::string>;

// The time at which two outputs begin, in seconds: FLV has no times below zero, and each output by
// itself would move its own encoder's lead-in out of them.
constexpr const char* kStart = "1";

constexpr VideoSize kStillSize = {640, 360};

void append(Arguments& arguments, std::initializer_list<std::string_view> more) {
  for (const std::string_view argument : more) arguments.emplace_back(argument);
}

VideoSize even(const VideoSize& size) {
  return {std::max(2U, size.width & ~1U), std::max(2U, size.height & ~1U)};
}

bool has_fixed_size(const EncodingSettings& encoding) {
  return !encoding.video_quality && encoding.video_resolution;
}

// An even side; the 0.01 keeps 719.9999 from becoming 718.
std::string scaled(const EncodingSettings& encoding, std::string_view side) {
  const double scale = encoding.video_quality ? quality_of(*encoding.video_quality).scale : 1.0;
  return fmt::format("max(2,trunc({}*{:.6g}/2+0.01)*2)", side, scale);
}

// Square samples and even sides.
std::string scale_filter(const EncodingSettings& encoding) {
  if (has_fixed_size(encoding)) {
    const VideoSize size = even(*encoding.video_resolution);
    return fmt::format(
        "scale=eval=frame:w='max(2,trunc(min({0},{1}*dar)/2+0.01)*2)':h='max(2,trunc(min({1},{0}/"
        "dar)/2+0.01)*2)',"
        "pad=eval=frame:w={0}:h={1}:x=(ow-iw)/2:y=(oh-ih)/2,setsar=1",
        size.width, size.height);
  }
  return fmt::format("scale=w='{}':h='{}',setsar=1", scaled(encoding, "iw*sar"),
                     scaled(encoding, "ih"));
}

void append_maps(Arguments& arguments, const std::vector<std::string>& maps) {
  for (const std::string& map : maps) append(arguments, {"-map", map});
  append(arguments, {"-sn", "-dn"});
}

// ffmpeg cannot mix channels whose places are not known: pan mixes the even ones to the left and
// the odd ones to the right. Holes of the sound are filled later, not by aresample, which would
// believe each stamp of a sound clock that is wrong. Empty where there is nothing to do.
std::string sound_filter(const StreamFacts& sound) {
  if (sound.unplaced_channels <= 2) return "";
  std::string left = "c0";
  std::string right = "c1";
  for (int channel = 2; channel < sound.unplaced_channels; ++channel)
    (channel % 2 == 0 ? left : right) += fmt::format("+c{}", channel);
  return fmt::format("pan=stereo|c0<{}|c1<{}", left, right);
}

// The filter cannot take pictures of another size: all are given the first one's, and their shape
// by the aspect ratio of their samples.
std::string field_filter(const std::optional<ChosenTrack>& picture) {
  const bool interlaced = picture && picture->stream.fields == FieldOrder::kInterlaced;
  return interlaced ? "scale=interl=1,yadif=deint=interlaced," : "";
}

void append_picture(Arguments& arguments, const EncodingSettings& encoding,
                    const CommandFacts& facts, const std::optional<ChosenTrack>& picture) {
  append_video_output(arguments, encoding, facts.ffmpeg,
                      field_filter(picture) + scale_filter(encoding));
}

// ffmpeg before 4.4 cannot let pictures of different sizes through.
bool relays_shapes(const FfmpegCommand& command, const EncodingSettings& encoding,
                   const SourceSpec& source, const CommandFacts& facts) {
  const bool can_change = source.kind != SourceKind::kDevice && source.kind != SourceKind::kDemo;
  const bool has_own_output = command.sound_apart || !command.tracks.sound;
  return can_change && command.tracks.picture && has_own_output && !command.copies_video &&
         !has_fixed_size(encoding) && facts.learnt.relays_shapes && !facts.ffmpeg.older_than(4, 4);
}

// With a thread for each picture, ffmpeg would hold back as many as it has threads; and those of
// the encoder wait for the relay's.
void append_relay(Arguments& arguments, const EncodingSettings& encoding, const CommandFacts& facts,
                  const ChosenTrack& picture) {
  append_maps(arguments, {picture.map});
  append(arguments,
         {"-vf",
          field_filter(picture) + relay_filter(scaled(encoding, "iw*sar"), scaled(encoding, "ih")),
          "-autoscale", "0", facts.ffmpeg.older_than(5, 1) ? "-vsync" : "-fps_mode", "cfr", "-r",
          rate_text(encoding.video_fps), "-c:v", "rawvideo", "-threads", "1", "-f", "rawvideo",
          "-flush_packets", "1", "pipe:5"});
}

void append_sound(Arguments& arguments, const EncodingSettings& encoding,
                  const ChosenTrack& sound) {
  append_audio_output(arguments, encoding);
  const std::string filter = sound_filter(sound.stream);
  if (!filter.empty()) append(arguments, {"-af", filter});
}

// The source's own sound as well, on descriptor 6. FLV refuses most other sound than AAC, and then
// tee goes on with the output that takes anything: a failed output would end ffmpeg. 10 is AAC's
// number in FLV; without it tee hands over the number that AAC has in the source's container.
void append_tried_copy(Arguments& arguments, const ChosenTrack& sound) {
  append_maps(arguments, {sound.map});
  append(arguments, {"-c:a", "copy", "-tag:a", "10", "-output_ts_offset", kStart, "-f", "tee",
                     "[f=flv:flvflags=no_duration_filesize:flush_packets=1:onfail=ignore]pipe:6|"
                     "[f=null]-"});
}

// How the sound of an output of its own is made. A file's is encoded: nothing waits for it there,
// and encoded passes join without a gap.
void choose_sound(const EncodingSettings& encoding, const SourceSpec& source,
                  const CommandFacts& facts, bool tries_copy, FfmpegCommand& command) {
  const auto& sound = command.tracks.sound;
  if (!command.sound_apart || !sound || source.kind == SourceKind::kDemo ||
      source.kind == SourceKind::kDevice || source.kind == SourceKind::kFile)
    return;
  const bool has_end = source.kind == SourceKind::kHttp && facts.input.duration;
  const bool may_copy = may_copy_sound(encoding, facts.learnt) && !has_end;
  command.tries_copy = may_copy && tries_copy;
  const auto copy = copy_of_sound(sound->stream, facts.input);
  if (may_copy) command.sound_copy = copy;
  if (command.sound_copy) command.sound_copy->stamps_by_arrival = command.stamps_by_arrival;
  if (copy && facts.learnt.encodes_sound) {
    command.tracks.notes.emplace_back(
        "the source's sound cannot be passed through as it is: it is encoded");
  }
}

bool is_segmented(const SourceSpec& source, const InputFacts& input) {
  if (input.is_known()) return input.is_format("hls") || input.is_format("dash");
  return names_a_playlist(source);
}

Pacer::Pace pace_of(const SourceSpec& source, const InputFacts& input, bool segmented) {
  switch (source.kind) {
    case SourceKind::kFile:
    case SourceKind::kGrowingFile:
      return Pacer::Pace::kByClock;
    case SourceKind::kHttp:
      // A file is read faster than it plays, and a segment comes at once.
      return input.duration || segmented ? Pacer::Pace::kByClock : Pacer::Pace::kFindOut;
    case SourceKind::kNetwork:
    case SourceKind::kDevice:
    case SourceKind::kDemo:
      return Pacer::Pace::kAsItComes;
  }
  return Pacer::Pace::kAsItComes;
}

// Formats whose stamps are made up by ffmpeg, from a rate that it assumes.
bool has_no_stamps(const InputFacts& input) {
  constexpr std::array kFormats = {"mpjpeg", "mjpeg", "mjpeg_2000", "h264", "hevc", "m4v"};
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](const char* format) { return input.is_format(format); });
}

// Segments come in bursts, and a device stamps by the clock itself.
void choose_stamps(const SourceSpec& source, const CommandFacts& facts, FfmpegCommand& command) {
  const bool live = source.kind == SourceKind::kNetwork ||
                    (source.kind == SourceKind::kHttp && command.pace == Pacer::Pace::kFindOut);
  // Complaints of the decoder before any description: not MPEG-TS, so probably H.264 as it is.
  const bool raw =
      !facts.input.is_known() && source.scheme == "tcp" && !facts.learnt.whole_pictures;
  const bool untimed = raw || has_no_stamps(facts.input);
  if (!live || command.segmented || (!untimed && !facts.learnt.stamps_lose_time)) return;
  command.stamps_by_arrival = true;
  command.tracks.notes.emplace_back(
      untimed ? "the source has no time stamps: its media is stamped when it arrives"
              : "the source's time stamps do not keep time: its media is stamped when it arrives");
}

// Differences between the source's picture and the one that is sent, which viewers would wonder
// about.
void note_picture(const EncodingSettings& encoding, FfmpegCommand& command) {
  auto& [picture, sound, notes] = command.tracks;
  if (!picture && sound) {
    notes.emplace_back("the source has sound alone: a plain dark picture is sent with it");
  }
  if (!picture || command.copies_video) return;
  // A rate a little above, such as 30.3, may be ffmpeg's estimate.
  constexpr double kTolerance = 1.05;
  if (picture->stream.fps <= encoding.video_fps.per_second() * kTolerance) return;
  notes.push_back(fmt::format(
      "the source has {:.4g} pictures a second and {:.4g} are sent: VIDEO_FPS sets how many",
      picture->stream.fps, encoding.video_fps.per_second()));
}

// Ends the output that has the picture, and adds the sound to it or to an output of its own.
void append_outputs(Arguments& arguments, const EncodingSettings& encoding,
                    const FfmpegCommand& command, bool second_input) {
  const auto& sound = command.tracks.sound;
  if (!command.sound_apart) {
    if (sound) append_sound(arguments, encoding, *sound);
    // Picture and sound wait half a second for each other, instead of ten.
    append(arguments, {"-max_interleave_delta", "500000"});
    return append_flv_output(arguments, 1);
  }
  append(arguments, {"-output_ts_offset", kStart});
  append_flv_output(arguments, 1);
  append_maps(arguments, {second_input ? "1:a:0" : sound->map});
  if (command.sound_copy && !command.tries_copy) {
    append(arguments, {"-c:a", "copy"});
  } else if (sound) {
    append_sound(arguments, encoding, *sound);
  }
  append(arguments, {"-output_ts_offset", kStart});
  append_flv_output(arguments, 4);
  if (command.tries_copy) append_tried_copy(arguments, *sound);
}

FfmpegCommand make_command(const SourceSettings& settings, const EncodingSettings& wanted,
                           const SourceSpec& source, const CommandFacts& facts, bool tries_copy) {
  FfmpegCommand command;
  command.tracks = choose_tracks(facts.input, facts.learnt, settings,
                                 wanted.video_quality ? std::nullopt : wanted.video_resolution);
  command.segmented = is_segmented(source, facts.input);
  command.pace = pace_of(source, facts.input, command.segmented);
  choose_stamps(source, facts, command);
  const auto& [picture, sound, notes] = command.tracks;
  command.copies_video =
      wanted.video_codec == "copy" && picture && source.kind != SourceKind::kDemo;
  if (source.kind != SourceKind::kDemo) note_picture(wanted, command);
  const bool second_input = has_second_input(settings, source);
  // AVFoundation and DirectShow devices do not show before whether they have sound.
  command.sound_apart = second_input || (picture && sound && source.kind != SourceKind::kDevice);
  choose_sound(wanted, source, facts, tries_copy, command);
  EncodingSettings encoding = wanted;
  if (!command.copies_video && wanted.video_codec == "copy") encoding.video_codec = "libx264";

  Arguments& arguments = command.arguments;
  arguments = {settings.ffmpeg, "-nostdin",   "-hide_banner", "-nostats",
               "-loglevel",     "level+info", "-progress",    "pipe:3"};
  if (!command.copies_video) {
    const EncoderArguments encoder = encoder_arguments(encoding);
    arguments.insert(arguments.end(), encoder.global.begin(), encoder.global.end());
  }
  command.relays_shapes = relays_shapes(command, encoding, source, facts);
  // Of the picture only: a filter of sound that is not made anew fails when rate or channels
  // change.
  if (command.relays_shapes) append(arguments, {"-reinit_filter:v", "0"});
  const InputOrder input{settings,
                         encoding,
                         source,
                         facts,
                         command.tracks,
                         command.pace,
                         command.copies_video,
                         command.stamps_by_arrival};
  append_input(arguments, input);
  command.carrier = carrier_arguments(input);
  if (!picture) {
    append(arguments, {"-f", "lavfi", "-i",
                       fmt::format("color=color=0x14181f:size={}:rate={}", size_text(kStillSize),
                                   rate_text(encoding.video_fps))});
  }
  std::vector<std::string> maps = {picture ? picture->map : "1:v:0"};
  // A source that is not known yet may have no sound.
  if (sound && !command.sound_apart) maps.push_back(sound->map + (picture ? "?" : ""));
  append_maps(arguments, maps);
  if (!picture) append(arguments, {"-shortest"});
  if (command.copies_video) {
    append(arguments, {"-c:v", "copy"});
  } else {
    append_picture(arguments, encoding, facts, picture);
  }
  append_outputs(arguments, encoding, command, second_input);
  if (command.relays_shapes) append_relay(arguments, encoding, facts, *picture);
  return command;
}

}  // namespace

FfmpegCommand ffmpeg_command(const SourceSettings& settings, const EncodingSettings& encoding,
                             const SourceSpec& source, const CommandFacts& facts) {
  return make_command(settings, encoding, source, facts, !facts.input.is_known());
}

FfmpegCommand command_with_both_sounds(const SourceSettings& settings,
                                       const EncodingSettings& encoding, const SourceSpec& source,
                                       const CommandFacts& facts) {
  return make_command(settings, encoding, source, facts, true);
}

std::string refusal_of_copy(const FfmpegCommand& command) {
  if (!command.copies_video || command.tracks.picture->stream.codec == "h264") return {};
  return fmt::format(
      "VIDEO_CODEC=copy cannot be used with this source: its video is {}, not H.264; use "
      "VIDEO_CODEC=libx264",
      command.tracks.picture->stream.codec);
}

}  // namespace livestream
