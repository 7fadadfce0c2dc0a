#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/stream_settings.h"
#include "doctor/check.h"
#include "doctor/source_trial.h"
#include "source/source_spec.h"

namespace livestream {

// All that was found out about one source.
struct SourceFindings {
  // By the settings of the stream.
  TrialFindings served;
  // With VIDEO_CODEC=copy; nothing where that was not tried, or came to nothing by chance.
  std::optional<TrialFindings> copied;
};

// Whether it is worth a try to pass the picture through instead of encoding it.
[[nodiscard]] bool may_be_copied(const TrialFindings& served, const SourceSpec& source);

// The source's line, and one for each of its things that are not played. Pure.
[[nodiscard]] std::vector<Check> source_checks(const StreamSettings& stream,
                                               const SourceSpec& source,
                                               const SourceFindings& findings);

// The stream's name and its source, without credentials.
[[nodiscard]] std::string subject_of(const StreamSettings& stream);

// Opens each of the sources for at most kMostTime, kWidth of them side by side. Runs the loop, and
// blocks. The findings are in the order of the streams.
struct SourceToTry {
  StreamSettings stream;
  SourceSpec source;
  FfmpegInfo info;
};
[[nodiscard]] std::vector<SourceFindings> try_sources(boost::asio::io_context& loop,
                                                      const Clock& clock,
                                                      const FfmpegStarter& starter,
                                                      const std::vector<SourceToTry>& sources);

}  // namespace livestream
