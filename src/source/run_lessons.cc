#include "source/run_lessons.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace livestream {
namespace {

bool any_contains(const std::deque<std::string>& lines, std::string_view part) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

bool contains_any(std::string_view line, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [line](std::string_view part) {
    return line.find(part) != std::string_view::npos;
  });
}

// The N of "input stream #0:N", "stream #0:N" and "aist#0:N/aac" (ffmpeg 7); -1: none.
int stream_named_in(std::string_view line) {
  for (const std::string_view name : {"stream #0:", "ist#0:"}) {
    const std::size_t at = line.find(name);
    if (at == std::string_view::npos) continue;
    const char* const begin = line.data() + at + name.size();
    int index = -1;
    std::from_chars(begin, line.data() + line.size(), index);
    return index;
  }
  return -1;
}

// Whether the line says that the track cannot be decoded at all, or that its frames cannot be
// filtered.
bool tells_of_useless(std::string_view line, const ChosenTrack& track) {
  const bool tells =
      contains_any(line, {"not found for input stream", "no decoder found for",
                          "while opening decoder", "while processing the decoded data"});
  if (tells && stream_named_in(line) == track.stream.index) return true;
  // An audio filter does not name its stream.
  return track.stream.kind == StreamKind::kAudio &&
         contains_any(line,
                      {"Rematrix is needed", "Failed to configure output pad on Parsed_aresample",
                       "Failed to configure output pad on Parsed_pan"});
}

bool learn_unplayable(const std::deque<std::string>& errors,
                      const std::optional<ChosenTrack>& track, LearntFacts& learnt) {
  // Without a codec it is the track of a source that is not described.
  if (!track || track->stream.codec.empty()) return false;
  const bool useless = std::any_of(errors.begin(), errors.end(), [&](const std::string& error) {
    return tells_of_useless(error, *track);
  });
  if (useless) learnt.unplayable.push_back(track->stream);
  return useless;
}

bool learn_transport(const std::deque<std::string>& errors, LearntFacts& learnt) {
  if (!any_contains(errors, "461 ")) return false;
  RtspTransport& transport = learnt.rtsp_transport;
  if (transport == RtspTransport::kTcp) {
    transport = RtspTransport::kUdp;
  } else if (transport == RtspTransport::kUdp) {
    transport = RtspTransport::kMulticast;
  } else {
    // It refuses all of them.
    transport = RtspTransport::kTcp;
    return false;
  }
  return true;
}

}  // namespace

bool learn_from_errors(const std::deque<std::string>& errors, const RunYield& yield,
                       const TrackChoice& tracks, const SourceSettings& settings,
                       CommandFacts& facts) {
  if (!yield.sound && learn_unplayable(errors, tracks.sound, facts.learnt)) return true;
  if (!yield.picture && learn_unplayable(errors, tracks.picture, facts.learnt)) return true;
  if (yield.picture || yield.sound) return false;
  if (any_contains(errors, "fps_mode") && !facts.ffmpeg.older_than(5, 1)) {
    facts.ffmpeg.major = 5;
    facts.ffmpeg.minor = 0;
    return true;
  }
  const bool shows_no_track = !facts.input.is_known() && any_contains(errors, "matches no streams");
  if (shows_no_track && !facts.learnt.tracks_come_late) {
    facts.learnt.tracks_come_late = true;
    return true;
  }
  // Only a picture that is passed on untouched needs its size in advance.
  if (any_contains(errors, "dimensions not set") && !facts.learnt.size_comes_late) {
    facts.learnt.size_comes_late = true;
    return true;
  }
  // A build of a version that is not known, or without some of the relay's options and filters.
  const bool has_no_relay =
      any_contains(errors, "'autoscale'") || any_contains(errors, "'reinit_filter") ||
      any_contains(errors, "No such filter: 'pad'") || any_contains(errors, "Parsed_pad");
  if (has_no_relay && facts.learnt.relays_shapes) {
    facts.learnt.relays_shapes = false;
    return true;
  }
  // A build without tee, sound of which nothing comes, or whose description FLV cannot take.
  const bool cannot_copy = any_contains(errors, "'tee'") ||
                           any_contains(errors, "tee: sample rate not set") ||
                           std::any_of(errors.begin(), errors.end(), [](const std::string& line) {
                             return line.find("Could not write header") != std::string::npos &&
                                    line.find("#1") != std::string::npos;
                           });
  if (cannot_copy && !facts.learnt.encodes_sound) {
    facts.learnt.encodes_sound = true;
    return true;
  }
  const bool has_no_text =
      any_contains(errors, "drawtext") || any_contains(errors, "Cannot find a valid font");
  if (has_no_text && facts.learnt.draws_text) {
    facts.learnt.draws_text = false;
    return true;
  }
  return settings.rtsp_transport == RtspTransport::kAuto && learn_transport(errors, facts.learnt);
}

bool learn_from_input(InputFacts input, CommandFacts& facts) {
  const bool has_media =
      std::any_of(input.streams.begin(), input.streams.end(), [](const StreamFacts& stream) {
        return stream.kind == StreamKind::kVideo || stream.kind == StreamKind::kAudio;
      });
  if (!has_media) return false;
  for (StreamFacts& stream : input.streams) {
    if (stream.fields != FieldOrder::kUnknown) continue;
    const auto known = std::find_if(
        facts.input.streams.begin(), facts.input.streams.end(), [&](const StreamFacts& earlier) {
          return earlier.index == stream.index && earlier.codec == stream.codec;
        });
    if (known != facts.input.streams.end()) stream.fields = known->fields;
  }
  facts.input = std::move(input);
  return true;
}

}  // namespace livestream
