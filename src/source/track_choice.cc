#include "source/track_choice.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "source/language.h"

namespace livestream {
namespace {

using Streams = std::vector<const StreamFacts*>;

bool has_known_codec(const StreamFacts& stream) {
  return stream.codec != "none" && stream.codec != "unknown";
}

bool was_unplayable(const StreamFacts& stream, const LearntFacts& learnt) {
  return std::any_of(learnt.unplayable.begin(), learnt.unplayable.end(), [&](const auto& failed) {
    return failed.index == stream.index && failed.kind == stream.kind &&
           failed.codec == stream.codec && failed.unplaced_channels == stream.unplaced_channels;
  });
}

bool is_picture(const StreamFacts& stream) {
  return stream.kind == StreamKind::kVideo && !stream.is_cover && !stream.is_still_image;
}

bool is_sound(const StreamFacts& stream) { return stream.kind == StreamKind::kAudio; }

Streams all_of(const InputFacts& input, bool (*is_of_kind)(const StreamFacts&)) {
  Streams found;
  for (const StreamFacts& stream : input.streams) {
    if (is_of_kind(stream)) found.push_back(&stream);
  }
  return found;
}

Streams playable(const InputFacts& input, const LearntFacts& learnt,
                 bool (*is_of_kind)(const StreamFacts&)) {
  Streams found;
  for (const StreamFacts* stream : all_of(input, is_of_kind)) {
    if (has_known_codec(*stream) && !was_unplayable(*stream, learnt)) found.push_back(stream);
  }
  return found;
}

bool holds(const ProgramFacts& program, const StreamFacts& stream) {
  return std::find(program.streams.begin(), program.streams.end(), stream.index) !=
         program.streams.end();
}

bool any_in(const ProgramFacts& program, const Streams& streams) {
  return std::any_of(streams.begin(), streams.end(),
                     [&](const StreamFacts* stream) { return holds(program, *stream); });
}

Streams only_in(const ProgramFacts& program, const Streams& streams) {
  Streams found;
  std::copy_if(streams.begin(), streams.end(), std::back_inserter(found),
               [&](const StreamFacts* stream) { return holds(program, *stream); });
  return found;
}

// Those that share a programme with `picture`; all if it is not in any programme.
Streams beside(const StreamFacts& picture, const Streams& streams,
               const std::vector<ProgramFacts>& programs) {
  Streams found;
  bool is_in_a_program = false;
  for (const ProgramFacts& program : programs) {
    if (!holds(program, picture)) continue;
    is_in_a_program = true;
    for (const StreamFacts* stream : only_in(program, streams)) {
      if (std::find(found.begin(), found.end(), stream) == found.end()) found.push_back(stream);
    }
  }
  return is_in_a_program ? found : streams;
}

// Those of `streams` that meet the wish. Its number counts all streams of the kind, `all`.
Streams those_that_meet(const TrackWish& wish, const Streams& streams, const Streams& all) {
  Streams found;
  for (const StreamFacts* stream : streams) {
    const bool is_meant = wish.index ? *wish.index < all.size() && all[*wish.index] == stream
                                     : is_same_language(stream->language, wish.language);
    if (is_meant) found.push_back(stream);
  }
  return found;
}

const StreamFacts* default_or_first(const Streams& streams) {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [](const StreamFacts* stream) { return stream->is_default; });
  if (found != streams.end()) return *found;
  return streams.empty() ? nullptr : streams.front();
}

// Of two variants the better one has more samples a picture, then more bits.
auto worth(const StreamFacts& variant) {
  return std::tuple(std::uint64_t{variant.width} * variant.height, variant.variant_bitrate_bps);
}

bool is_worse(const StreamFacts* left, const StreamFacts* right) {
  return worth(*left) < worth(*right);
}

bool fits_into(const StreamFacts& variant, const VideoSize& size) {
  return variant.width <= size.width && variant.height <= size.height;
}

Streams those_that(const Streams& streams,
                   const std::function<bool(const StreamFacts&)>& is_wanted) {
  Streams found;
  std::copy_if(streams.begin(), streams.end(), std::back_inserter(found),
               [&](const StreamFacts* stream) { return is_wanted(*stream); });
  return found;
}

// The variants that the setting names; all of them for the best, the worst and by rule.
Streams named_variants(const Streams& variants, const VideoVariant& wish) {
  using Rule = VideoVariant::Rule;
  return those_that(variants, [&](const StreamFacts& variant) {
    if (wish.rule == Rule::kHeight) return variant.height == wish.size.height;
    if (wish.rule == Rule::kSize) return VideoSize{variant.width, variant.height} == wish.size;
    if (wish.rule == Rule::kBitrate) return variant.variant_bitrate_bps <= wish.bitrate_bps;
    return true;
  });
}

void note_missing_variant(const Streams& variants, const VideoVariant& wish,
                          std::vector<std::string>& notes) {
  std::string offered;
  for (const StreamFacts* variant : variants) {
    offered += fmt::format("{}{}x{} with {} bit/s", offered.empty() ? "" : ", ", variant->width,
                           variant->height, variant->variant_bitrate_bps);
  }
  notes.push_back(
      fmt::format("no variant of the source is VIDEO_VARIANT={}: it has {}", print(wish), offered));
}

// `variants` is not empty.
const StreamFacts* choose_variant(const Streams& variants, const VideoVariant& wish,
                                  const std::optional<VideoSize>& size,
                                  std::vector<std::string>& notes) {
  const auto best = [](const Streams& of) {
    return *std::max_element(of.begin(), of.end(), is_worse);
  };
  const auto worst = [](const Streams& of) {
    return *std::min_element(of.begin(), of.end(), is_worse);
  };
  const Streams named = named_variants(variants, wish);
  if (named.empty()) note_missing_variant(variants, wish, notes);
  if (wish.rule == VideoVariant::Rule::kLowest) return worst(variants);
  // No variant is so small: the smallest one is nearest.
  if (wish.rule == VideoVariant::Rule::kBitrate && named.empty()) return worst(variants);
  const bool by_rule = wish.rule == VideoVariant::Rule::kAuto || named.empty();
  if (!by_rule || !size) return best(named.empty() ? variants : named);
  const Streams fitting =
      those_that(variants, [&](const StreamFacts& variant) { return fits_into(variant, *size); });
  // All are larger: the smallest one is enough.
  return fitting.empty() ? worst(variants) : best(fitting);
}

bool has_variants(const InputFacts& input) {
  return input.is_format("hls") || input.is_format("dash");
}

// "sound 0:1 (aac, ger)"
std::string name_of(const StreamFacts& stream) {
  std::string name = is_sound(stream) ? "sound" : "picture";
  name += fmt::format(" 0:{} ({}", stream.index, stream.codec);
  if (!stream.language.empty() && stream.language != "und") name += ", " + stream.language;
  if (stream.width != 0) name += fmt::format(", {}x{}", stream.width, stream.height);
  return name + ")";
}

// "picture 0:0 (h264, 160x90), picture 0:1 (h264, 320x180)"; "nothing" if there is none.
std::string names_of(const Streams& streams) {
  std::string names;
  for (const StreamFacts* stream : streams) names += (names.empty() ? "" : ", ") + name_of(*stream);
  return names.empty() ? "nothing" : names;
}

// The tracks to choose from, and the user's wishes.
struct Offer {
  const InputFacts& input;
  const SourceSettings& settings;
  // Of their kind: all, and those that can be played.
  Streams all_pictures;
  Streams pictures;
  Streams all_sounds;
  Streams sounds;
};

// The first programme that has most of: a sound that is asked for, a sound. It has a picture.
const ProgramFacts* choose_program(const Offer& offer, const Streams& pictures) {
  const auto& wish = offer.settings.audio_track;
  const Streams wanted = wish ? those_that_meet(*wish, offer.sounds, offer.all_sounds) : Streams{};
  const auto rank = [&](const ProgramFacts& program) {
    return std::tuple(any_in(program, wanted),
                      offer.settings.audio && any_in(program, offer.sounds));
  };
  const ProgramFacts* best = nullptr;
  for (const ProgramFacts& program : offer.input.programs) {
    if (any_in(program, pictures) && (best == nullptr || rank(program) > rank(*best)))
      best = &program;
  }
  return best;
}

const StreamFacts* choose_picture(const Offer& offer, const std::optional<VideoSize>& size,
                                  std::vector<std::string>& notes) {
  if (offer.pictures.empty()) return nullptr;
  Streams candidates = offer.pictures;
  if (const auto& wish = offer.settings.video_track) {
    const Streams wanted = those_that_meet(*wish, offer.pictures, offer.all_pictures);
    if (!wanted.empty()) {
      candidates = wanted;
    } else {
      notes.push_back(fmt::format("the source has no picture that is VIDEO_TRACK={}: it has {}",
                                  print(*wish), names_of(offer.pictures)));
    }
  }
  if (has_variants(offer.input))
    return choose_variant(candidates, offer.settings.video_variant, size, notes);
  const ProgramFacts* program = choose_program(offer, candidates);
  return default_or_first(program != nullptr ? only_in(*program, candidates) : candidates);
}

const StreamFacts* choose_sound(const Offer& offer, const Streams& candidates,
                                std::vector<std::string>& notes) {
  if (!offer.settings.audio) return nullptr;
  const auto& wish = offer.settings.audio_track;
  if (!wish) return default_or_first(candidates);
  const Streams wanted = those_that_meet(*wish, candidates, offer.all_sounds);
  if (!wanted.empty()) return default_or_first(wanted);
  notes.push_back(fmt::format("the picture has no sound that is AUDIO_TRACK={}: it has {}",
                              print(*wish), names_of(candidates)));
  return default_or_first(candidates);
}

// `0:V:0` and `0:a:0` for what ffmpeg would take by these names, else the index.
std::string map_of(const StreamFacts& chosen, const InputFacts& input) {
  const bool is_video = chosen.kind == StreamKind::kVideo;
  const auto first = std::find_if(
      input.streams.begin(), input.streams.end(),
      [&](const StreamFacts& stream) { return stream.kind == chosen.kind && !stream.is_cover; });
  if (first->index == chosen.index) return is_video ? "0:V:0" : "0:a:0";
  return fmt::format("0:{}", chosen.index);
}

// "1 subtitle track", "3 subtitle tracks"
std::string count_of(std::size_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

void note_unplayable(const InputFacts& input, const LearntFacts& learnt,
                     std::vector<std::string>& notes) {
  for (const StreamFacts& stream : input.streams) {
    if (!is_picture(stream) && !is_sound(stream)) continue;
    if (!has_known_codec(stream)) {
      notes.push_back(name_of(stream) + " is left out: its codec is not known to ffmpeg");
    } else if (was_unplayable(stream, learnt)) {
      notes.push_back(name_of(stream) + " is left out: this ffmpeg cannot decode or convert it");
    }
  }
}

// The streams of a kind that could be played instead of `chosen`.
void note_others(const Streams& streams, const StreamFacts* chosen, std::string_view reason,
                 std::vector<std::string>& notes) {
  std::string names;
  std::size_t number = 0;
  for (const StreamFacts* stream : streams) {
    if (stream == chosen) continue;
    names += (number++ == 0 ? "" : ", ") + name_of(*stream);
  }
  if (number == 0) return;
  notes.push_back(fmt::format("{} {} left out: {}", names, number == 1 ? "is" : "are", reason));
}

void note_other_kinds(const InputFacts& input, std::vector<std::string>& notes) {
  const auto count = [&](const std::function<bool(const StreamFacts&)>& matches) {
    return static_cast<std::size_t>(
        std::count_if(input.streams.begin(), input.streams.end(), matches));
  };
  const struct {
    std::size_t number;
    const char* thing;
  } rows[] = {
      {count([](const auto& stream) { return stream.kind == StreamKind::kSubtitle; }),
       "subtitle track"},
      {count([](const auto& stream) { return stream.kind == StreamKind::kData; }), "data track"},
      {count([](const auto& stream) { return stream.kind == StreamKind::kAttachment; }),
       "attachment"},
      {count([](const auto& stream) { return stream.is_cover || stream.is_still_image; }),
       "cover picture"},
  };
  for (const auto& row : rows) {
    if (row.number == 0) continue;
    notes.push_back(fmt::format("{} {} left out: only one picture and one sound are served",
                                count_of(row.number, row.thing), row.number == 1 ? "is" : "are"));
  }
}

}  // namespace

TrackChoice choose_tracks(const InputFacts& input, const LearntFacts& learnt,
                          const SourceSettings& settings, const std::optional<VideoSize>& size) {
  TrackChoice choice;
  if (!input.is_known()) {
    choice.picture = ChosenTrack{"0:V:0", {}};
    if (settings.audio) choice.sound = ChosenTrack{"0:a:0", {}};
    return choice;
  }
  const Offer offer = {input,
                       settings,
                       all_of(input, is_picture),
                       playable(input, learnt, is_picture),
                       all_of(input, is_sound),
                       playable(input, learnt, is_sound)};
  const StreamFacts* picture = choose_picture(offer, size, choice.notes);
  const Streams sounds =
      picture != nullptr ? beside(*picture, offer.sounds, input.programs) : offer.sounds;
  const StreamFacts* sound = choose_sound(offer, sounds, choice.notes);
  if (picture != nullptr) choice.picture = ChosenTrack{map_of(*picture, input), *picture};
  if (sound != nullptr) choice.sound = ChosenTrack{map_of(*sound, input), *sound};
  // ffmpeg is to say why there is nothing to play.
  if (picture == nullptr && sound == nullptr) choice.picture = ChosenTrack{"0:V:0", {}};

  note_unplayable(input, learnt, choice.notes);
  note_others(offer.pictures, picture,
              has_variants(input) ? "VIDEO_VARIANT chooses" : "VIDEO_TRACK chooses", choice.notes);
  if (!settings.audio) {
    if (!offer.sounds.empty()) choice.notes.emplace_back("the sound is left out: AUDIO=off");
  } else {
    note_others(sounds, sound, "AUDIO_TRACK chooses", choice.notes);
    const Streams elsewhere = those_that(offer.sounds, [&](const StreamFacts& stream) {
      return std::find(sounds.begin(), sounds.end(), &stream) == sounds.end();
    });
    if (!has_variants(input))
      note_others(elsewhere, nullptr, "not in the picture's programme", choice.notes);
  }
  note_other_kinds(input, choice.notes);
  return choice;
}

}  // namespace livestream
