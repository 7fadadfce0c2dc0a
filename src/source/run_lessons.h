#pragma once

#include <deque>
#include <string>

#include "source/command_facts.h"
#include "source/track_choice.h"

namespace livestream {

// Starts in a row with another command, before the source counts as failed.
constexpr int kMostCorrections = 4;
// Complaints of a decoder in one run: more than a start in mid-stream brings.
constexpr int kComplaints = 10;

// The tracks of its source that a run has given.
struct RunYield {
  bool picture = false;
  bool sound = false;
};

// Adds to `facts` what the last errors of a run show (as StderrReader keeps them; the run has ended
// by itself and played `tracks`). True if the next command differs and is worth a try at once.
[[nodiscard]] bool learn_from_errors(const std::deque<std::string>& errors, const RunYield& yield,
                                     const TrackChoice& tracks, const SourceSettings& settings,
                                     CommandFacts& facts);

// Replaces the description of the input in `facts`. A stream that was seen to be interlaced stays
// so where the new description does not tell. False, and nothing is changed, if the input has
// neither a picture nor sound.
[[nodiscard]] bool learn_from_input(InputFacts input, CommandFacts& facts);

}  // namespace livestream
