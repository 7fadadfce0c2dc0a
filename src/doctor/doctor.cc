#include "doctor/doctor.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "doctor/device_checks.h"
#include "doctor/encoder_checks.h"
#include "doctor/machine_checks.h"
#include "doctor/source_checks.h"
#include "doctor/tool_run.h"
#include "source/source_spec.h"

namespace livestream {
namespace {

constexpr std::chrono::seconds kListLimit{5};
constexpr std::chrono::seconds kEncoderLimit{4};
constexpr std::size_t kEncoderWidth = 2;

class Doctor {
 public:
  explicit Doctor(const std::function<void(const Check&)>& tell) : tell_(tell) {}

  void look_at_configuration(const Config& config) {
    std::vector<std::string> files;
    for (const std::string& path : config.files) {
      std::error_code error;
      if (std::filesystem::is_regular_file(path, error)) files.push_back(path);
    }
    const std::string from = files.empty() ? "from flags and environment, without a file"
                                           : fmt::format("from {}", fmt::join(files, ", "));
    tell_({Verdict::kOk, "configuration",
           fmt::format("{} {} {}", config.streams.size(),
                       config.streams.size() == 1 ? "stream" : "streams", from)});
    for (const std::string& notice : config.notices)
      tell_({Verdict::kWarning, "configuration", notice});
  }

  void look_at_machine(const Config& config) {
    tell_(port_check(config.server));
    tell_(open_files_check(config.server));
    const auto encodes = [](const StreamSettings& stream) {
      return stream.enabled && !stream.on_demand && stream.encoding.video_codec != "copy";
    };
    const auto count = std::count_if(config.streams.begin(), config.streams.end(), encodes);
    tell_(memory_check(available_memory(), static_cast<std::size_t>(count)));
  }

  // The ffmpeg programs of the streams: mostly one.
  void look_at_programs(const std::vector<StreamSettings>& streams) {
    std::map<std::string, std::vector<StreamSettings>> users;
    for (const StreamSettings& stream : streams) users[stream.source.ffmpeg].push_back(stream);
    for (const auto& [ffmpeg, its_streams] : users) look_at_program(ffmpeg, its_streams);
    if (streams.empty()) return;
    const std::string& first = streams.front().source.ffmpeg;
    if (programs_[first].encoders.empty()) return;
    for (const Check& check : device_checks(loop_, starter_, first)) tell_(check);
  }

  void look_at_sources(const std::vector<StreamSettings>& streams) {
    std::vector<SourceToTry> sources;
    for (const StreamSettings& stream : streams) {
      if (!stream.enabled) {
        tell_({Verdict::kOk, subject_of(stream), "is switched off (enabled: false)"});
        continue;
      }
      const Result<SourceSpec> source = detect_source(stream.source);
      if (!source) {
        tell_({Verdict::kFault, subject_of(stream), source.error().message});
      } else if (may_play(stream)) {
        sources.push_back({stream, *source, programs_[stream.source.ffmpeg]});
      }
    }
    const std::vector<SourceFindings> findings = try_sources(loop_, clock_, starter_, sources);
    double cost = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      for (const Check& check : source_checks(sources[i].stream, sources[i].source, findings[i]))
        tell_(check);
      if (!sources[i].stream.on_demand) cost += findings[i].served.cost.value_or(0);
    }
    if (cost > 0) tell_(processor_check(cost, std::max(1u, std::thread::hardware_concurrency())));
  }

 private:
  void look_at_program(const std::string& ffmpeg, const std::vector<StreamSettings>& streams) {
    const std::uint32_t memory_mb = streams.front().source.ffmpeg_memory_mb;
    FfmpegInfo& info = programs_[ffmpeg];
    tell_(ffmpeg_check(
        ffmpeg,
        run_tools(loop_, starter_, {{{ffmpeg, "-nostdin", "-encoders"}, memory_mb}}, 1, kListLimit)
            .front(),
        info));
    if (info.encoders.empty()) return;
    const std::set<std::string> wanted = encoders_wanted(streams);
    const std::vector<std::string> encoders = encoders_to_try(info, wanted);
    std::vector<ToolCommand> commands;
    for (const std::string& encoder : encoders)
      commands.push_back({encoder_trial(ffmpeg, info, encoder), memory_mb});
    commands.push_back({aac_trial(ffmpeg), memory_mb});
    const std::vector<ToolResult> results =
        run_tools(loop_, starter_, commands, kEncoderWidth, kEncoderLimit);
    for (std::size_t i = 0; i < encoders.size(); ++i)
      tell_(encoder_check(encoders[i], results[i], wanted.contains(encoders[i])));
    tell_(encoder_check("aac", results.back(), true));
  }

  // Whether the stream's ffmpeg has what it asks for. Tells the fault.
  bool may_play(const StreamSettings& stream) {
    const FfmpegInfo& info = programs_[stream.source.ffmpeg];
    if (info.encoders.empty()) {
      tell_({Verdict::kFault, subject_of(stream), "not tried, because its ffmpeg does not work"});
      return false;
    }
    const Result<void> usable = check_usable(info, stream.source, stream.encoding);
    if (!usable) tell_({Verdict::kFault, subject_of(stream), usable.error().message});
    return usable.has_value();
  }

  const std::function<void(const Check&)>& tell_;
  boost::asio::io_context loop_;
  SystemClock clock_;
  const FfmpegStarter starter_ = ffmpeg_starter(loop_);
  // By the value of FFMPEG; without encoders where it does not work.
  std::map<std::string, FfmpegInfo> programs_;
};

}  // namespace

void examine(const Result<Config>& config, const std::function<void(const Check&)>& tell) {
  Doctor doctor(tell);
  if (config) {
    doctor.look_at_configuration(*config);
    doctor.look_at_machine(*config);
  } else {
    tell({Verdict::kFault, "configuration", config.error().message});
  }
  tell(clock_check(clock_state()));
  doctor.look_at_programs(config ? config->streams : std::vector{StreamSettings{}});
  if (config) doctor.look_at_sources(config->streams);
}

int run_doctor(const Result<Config>& config, bool as_json) {
  std::vector<Check> checks;
  examine(config, [&](const Check& check) {
    checks.push_back(check);
    if (as_json) return;
    fmt::print("{}\n", line_of(check));
    std::fflush(stdout);
  });
  fmt::print("{}\n", as_json ? json_of(checks) : summary_of(checks));
  return has_fault(checks) ? 1 : 0;
}

}  // namespace livestream
