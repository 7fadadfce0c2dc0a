#include "source/shape_relay.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/result.h"
#include "source/encoder_arguments.h"

namespace livestream {
namespace {

// Luma from here on is white.
constexpr std::uint8_t kWhite = 128;
constexpr std::uint32_t kSeparator = 2;
constexpr std::uint32_t kMostWhiteRows = 17;
// No picture that ffmpeg decodes is larger.
constexpr std::size_t kLongestRow = 40'000;

std::size_t bytes_of(const VideoSize& size) {
  return std::size_t{size.width} * size.height * 3 / 2;
}

}  // namespace

// The first scale makes pictures that only count out of a few of their samples, which costs
// nothing, and lets the others through. Its expressions remember: 0 is the shape of the first
// picture, 1 whether another one has come. They are evaluated once before the first picture, when
// `n` is not a number. The second one makes the samples square; without an `n` in
// its expressions ffmpeg 5.1 hangs when the size changes.
std::string relay_filter(const std::string& width, const std::string& height) {
  const std::string shape = "(iw*100000+ih+sar/1000)";
  const std::string changed = fmt::format(
      "if(isnan(n),0,st(0,if(ld(0),ld(0),{0}));st(1,max(ld(1),gt(abs(ld(0)-{0}),0.000001))))",
      shape);
  const std::string counts =
      fmt::format("isnan(n)+eq(iw,{})*eq(ih,{})", kCountingPicture.width, kCountingPicture.height);
  return fmt::format(
      "scale=eval=frame:flags=neighbor:w='if({0},iw,{3})':h='if({0},ih,{4})',"
      "scale=eval=frame:w='if({6},{3},{1})':h='if({6},{4},{2})',setsar=1,format=yuv420p,"
      "pad=eval=frame:w=iw:h=ih+{5}:x=0:y={5}:color=black,"
      "pad=eval=frame:w=iw:h='16*ceil((ih+2)/16)':x=0:y='oh-ih':color=white,"
      "pad=eval=frame:w='iw+ih/8':h=ih:x=0:y=0:color=black",
      changed, width, height, kCountingPicture.width, kCountingPicture.height, kSeparator, counts);
}

std::vector<std::string> shape_command(const SourceSettings& settings,
                                       const EncodingSettings& encoding, const FfmpegInfo& ffmpeg,
                                       const RelayedPicture& shape, std::int64_t start_ms) {
  const EncoderArguments encoder = encoder_arguments(encoding);
  std::vector<std::string> arguments = {settings.ffmpeg, "-nostdin",   "-hide_banner", "-nostats",
                                        "-loglevel",     "level+info", "-progress",    "pipe:3"};
  arguments.insert(arguments.end(), encoder.global.begin(), encoder.global.end());
  arguments.insert(arguments.end(),
                   {"-protocol_whitelist", "pipe", "-probesize", "32", "-analyzeduration", "0",
                    "-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size",
                    fmt::format("{}x{}", shape.framed.width, shape.framed.height), "-framerate",
                    rate_text(encoding.video_fps), "-i", "pipe:0"});
  append_video_output(
      arguments, encoding, ffmpeg,
      fmt::format("crop={}:{}:0:{}", shape.size.width, shape.size.height, shape.top));
  arguments.insert(arguments.end(), {"-output_ts_offset",
                                     fmt::format("{}.{:03}", start_ms / 1000, start_ms % 1000)});
  append_flv_output(arguments, 1);
  return arguments;
}

Result<std::vector<RelayReader::Piece>> RelayReader::read(ByteView bytes) {
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  std::vector<Piece> pieces;
  ByteView left = pending_;
  while (!left.empty()) {
    if (!picture_) {
      Result<std::optional<RelayedPicture>> picture = read_frame(left);
      if (!picture) return tl::unexpected(std::move(picture.error()));
      picture_ = *picture;
    }
    if (!picture_ || left.size() < bytes_of(picture_->framed)) break;
    const ByteView whole = left.first(bytes_of(picture_->framed));
    pieces.push_back({*picture_, Bytes(whole.begin(), whole.end())});
    left = left.subspan(whole.size());
    picture_.reset();
  }
  pending_.erase(pending_.begin(), pending_.end() - static_cast<std::ptrdiff_t>(left.size()));
  return pieces;
}

// The picture that begins here; nothing while more of its frame is needed to tell.
Result<std::optional<RelayedPicture>> RelayReader::read_frame(ByteView bytes) {
  const auto is_white = [](std::uint8_t sample) { return sample >= kWhite; };
  const auto white_end = std::find_if_not(bytes.begin(), bytes.end(), is_white);
  const auto row_end = std::find_if(white_end, bytes.end(), is_white);
  const auto broken = [] { return fail("ffmpeg's uncoded pictures are out of step"); };
  const auto width = static_cast<std::uint32_t>(white_end - bytes.begin());
  const auto stride = static_cast<std::uint32_t>(row_end - bytes.begin());
  if (width == 0 || stride > kLongestRow) return broken();
  if (row_end == bytes.end()) return std::nullopt;
  std::uint32_t white_rows = 1;
  std::size_t at = stride;
  for (; at < bytes.size() && is_white(bytes[at]); at += stride) ++white_rows;
  const std::uint32_t rows = (stride - width) * 8;
  const std::uint32_t top = white_rows + kSeparator;
  if (white_rows > kMostWhiteRows || rows <= top) return broken();
  if (at >= bytes.size()) return std::nullopt;
  return RelayedPicture{{width, rows - top}, {stride, rows}, top};
}

}  // namespace livestream
