#include "doctor/source_checks.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/mask.h"
#include "doctor/tool_run.h"

namespace livestream {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::size_t kWidth = 4;
// For both trials of a source.
constexpr milliseconds kMostTime{6500};
constexpr SourceTrial::Limits kServed{.total = milliseconds(5000), .watch = milliseconds(2000)};
// Of a source that is passed through anyway, so that there is one trial.
constexpr SourceTrial::Limits kPassedThrough{.total = milliseconds(6000),
                                             .watch = milliseconds(4500)};
// Long enough for two keyframes of most cameras.
constexpr milliseconds kWatchCopied{3000};
// With less time left, passing through is not tried.
constexpr milliseconds kLeastTime{1000};
// Viewers wait up to a GOP for their first picture, and skip by GOPs.
constexpr double kLongGop = 4;
// Below this, a machine does not keep up.
constexpr double kTooSlow = 0.85;

std::string codec_in_words(const std::string& codec) {
  if (codec == "h264") return "H.264";
  if (codec == "hevc") return "H.265 (HEVC)";
  return codec;
}

std::string number(double value) { return fmt::format("{:.4g}", value); }

std::string percent(double cost) { return fmt::format("{:.0f} % of a core", cost * 100); }

double gop_seconds(const TrialFindings& found) {
  return found.fps > 0 ? static_cast<double>(found.gop_frames) / found.fps : 0;
}

std::string gop_in_words(const TrialFindings& found) {
  const char* above = found.gop_goes_on ? "above " : "";
  if (found.fps <= 0) return fmt::format(", GOP {}{} pictures", above, found.gop_frames);
  return fmt::format(", GOP {}{:.1f} s", above, gop_seconds(found));
}

// The picture as it comes. Where it is not decoded, ffmpeg's description may lack size and rate;
// what was passed through shows them.
std::string picture_in_words(const StreamFacts& described, const TrialFindings* copied) {
  const bool shown = copied != nullptr && copied->plays;
  const std::uint32_t width = shown ? copied->width : described.width;
  const std::uint32_t height = shown ? copied->height : described.height;
  const double fps = described.fps <= 0 && shown ? copied->fps : described.fps;
  std::string text = codec_in_words(described.codec);
  if (width > 0) text += fmt::format(" {}x{}", width, height);
  if (fps > 0) text += fmt::format(", {} fps", number(fps));
  if (shown) text += gop_in_words(*copied);
  return text;
}

// The source as it comes.
std::string source_in_words(const SourceFindings& findings) {
  const auto& [picture, sound, notes] = findings.served.tracks;
  const TrialFindings* copied = findings.copied ? &*findings.copied : nullptr;
  if (findings.served.copies_video) copied = &findings.served;
  std::string text = picture ? picture_in_words(picture->stream, copied) : "no picture";
  text += sound ? fmt::format(", sound {}", codec_in_words(sound->stream.codec)) : ", no sound";
  return text;
}

std::string cost_in_words(const TrialFindings& found) {
  std::string text;
  if (found.cost) text += fmt::format(", {}", percent(*found.cost));
  if (found.speed && *found.speed < kTooSlow)
    text += fmt::format(", {:.2f} times real time", *found.speed);
  return text;
}

// The stream as viewers get it.
std::string output_in_words(const StreamSettings& stream, const TrialFindings& served) {
  if (served.copies_video)
    return fmt::format("passed through ({}{})", served.codec, cost_in_words(served));
  const std::string encoder =
      stream.encoding.video_codec == "copy" ? "libx264" : stream.encoding.video_codec;
  return fmt::format("encoded by {} to {}x{}, {} fps{}", encoder, served.width, served.height,
                     number(served.fps), cost_in_words(served));
}

std::string copy_in_words(const SourceFindings& findings) {
  if (!findings.copied) return {};
  if (!findings.copied->plays) return "; " + findings.copied->trouble;
  const auto& cost = findings.copied->cost;
  return fmt::format("; browsers play its picture as it is: VIDEO_CODEC=copy passes it through{}",
                     cost ? fmt::format(", for {}", percent(*cost)) : "");
}

// The source is of a kind that viewers will notice; empty: not so.
std::string drawback_of(const TrialFindings& served) {
  if (served.speed && *served.speed < kTooSlow) {
    return "this machine is too slow for it: lower VIDEO_RESOLUTION or VIDEO_FPS, or try an "
           "encoder in hardware";
  }
  if (served.copies_video && gop_seconds(served) > kLongGop) {
    return "viewers wait for a keyframe before they see something: set the camera's keyframe "
           "interval (GOP) to a second or two";
  }
  return {};
}

// The two trials of one source, one after the other.
class Examination {
 public:
  Examination(boost::asio::io_context& loop, const Clock& clock, const FfmpegStarter& starter,
              const SourceToTry& subject, SourceFindings& findings)
      : parts_{loop, clock, starter, subject.info}, subject_(subject), findings_(findings) {}

  void start(std::function<void()> done) {
    done_ = std::move(done);
    began_ = parts_.clock.now();
    const bool copies = subject_.stream.encoding.video_codec == "copy";
    served_ = std::make_unique<SourceTrial>(parts_, subject_.stream, subject_.source,
                                            copies ? kPassedThrough : kServed);
    served_->start([this](TrialFindings found) {
      findings_.served = std::move(found);
      try_copy();
    });
  }

 private:
  void try_copy() {
    const auto left = kMostTime - duration_cast<milliseconds>(parts_.clock.now() - began_);
    if (!may_be_copied(findings_.served, subject_.source) || left < kLeastTime) return done_();
    StreamSettings stream = subject_.stream;
    stream.encoding.video_codec = "copy";
    copied_ = std::make_unique<SourceTrial>(parts_, std::move(stream), subject_.source,
                                            SourceTrial::Limits{left, kWatchCopied});
    copied_->start([this](TrialFindings found) {
      // Silence at the second opening says nothing about the picture.
      const bool tells = found.plays || found.trouble.starts_with("VIDEO_CODEC=copy");
      if (tells) findings_.copied = std::move(found);
      done_();
    });
  }

  const SourceTrial::Parts parts_;
  const SourceToTry& subject_;
  SourceFindings& findings_;
  std::function<void()> done_;
  SteadyTime began_{};
  std::unique_ptr<SourceTrial> served_;
  std::unique_ptr<SourceTrial> copied_;
};

}  // namespace

bool may_be_copied(const TrialFindings& served, const SourceSpec& source) {
  const auto& picture = served.tracks.picture;
  return served.plays && !served.copies_video && source.kind != SourceKind::kDemo && picture &&
         picture->stream.codec == "h264";
}

std::string subject_of(const StreamSettings& stream) {
  return fmt::format("source {} ({})", stream.name, mask_credentials(stream.source.video_file));
}

std::vector<Check> source_checks(const StreamSettings& stream, const SourceSpec& source,
                                 const SourceFindings& findings) {
  const std::string subject = subject_of(stream);
  const TrialFindings& served = findings.served;
  std::vector<Check> checks;
  if (!source.notice.empty()) checks.push_back({Verdict::kWarning, subject, source.notice});
  if (!served.plays) {
    checks.push_back({served.waits ? Verdict::kWarning : Verdict::kFault, subject, served.trouble});
    return checks;
  }
  if (source.kind == SourceKind::kDemo) {
    checks.push_back(
        {Verdict::kOk, subject,
         fmt::format("the built-in test picture, {}", output_in_words(stream, served))});
    return checks;
  }
  const std::string drawback = drawback_of(served);
  std::string text = fmt::format("{}; {}{}", source_in_words(findings),
                                 output_in_words(stream, served), copy_in_words(findings));
  if (!drawback.empty()) text += "; " + drawback;
  checks.push_back({drawback.empty() ? Verdict::kOk : Verdict::kWarning, subject, std::move(text)});
  for (const std::string& note : served.tracks.notes)
    checks.push_back({Verdict::kWarning, subject, note});
  return checks;
}

std::vector<SourceFindings> try_sources(boost::asio::io_context& loop, const Clock& clock,
                                        const FfmpegStarter& starter,
                                        const std::vector<SourceToTry>& sources) {
  std::vector<SourceFindings> findings(sources.size());
  std::vector<std::unique_ptr<Examination>> examinations;
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    examinations.push_back(
        std::make_unique<Examination>(loop, clock, starter, sources[i], findings[i]));
    jobs.emplace_back(
        [&, i](std::function<void()> done) { examinations[i]->start(std::move(done)); });
  }
  run_side_by_side(loop, std::move(jobs), kWidth);
  return findings;
}

}  // namespace livestream
