#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/stderr_reader.h"

namespace livestream {

enum class StreamKind : std::uint8_t { kVideo, kAudio, kSubtitle, kData, kAttachment };

// Whether the pictures are made of two fields each, as far as the description says.
enum class FieldOrder : std::uint8_t { kUnknown, kProgressive, kInterlaced };

// One stream of an input.
struct StreamFacts {
  // The N of ffmpeg's `0:N`.
  int index = 0;
  StreamKind kind = StreamKind::kData;
  // ffmpeg's name of it, e.g. h264, aac; `none` or `unknown`: ffmpeg does not know the codec.
  std::string codec;
  // As the container has it (ISO 639-2 or RFC 5646); empty: not told.
  std::string language;
  bool is_default = false;
  // A cover picture of music or a film (ffmpeg: attached pic).
  bool is_cover = false;
  bool is_still_image = false;
  // In samples; 0: not told.
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  // Pictures per second; 0: not told.
  double fps = 0;
  FieldOrder fields = FieldOrder::kUnknown;
  // Set only where ffmpeg knows their number and not their places (`9 channels`); else 0.
  int unplaced_channels = 0;
  // Of sound: AAC-LC; and where the description says `mono` or `stereo`, 1 or 2, else 0; and in Hz,
  // 0: not told.
  bool is_aac_lc = false;
  std::uint32_t placed_channels = 0;
  std::uint32_t sample_rate = 0;
  // Of a variant of a playlist; 0: not one, or shared by several.
  std::uint64_t variant_bitrate_bps = 0;

  bool operator==(const StreamFacts&) const = default;
};

// A programme of an MPEG-TS, or a variant of an HLS playlist.
struct ProgramFacts {
  int id = 0;
  // Their indexes.
  std::vector<int> streams;
  bool operator==(const ProgramFacts&) const = default;
};

// ffmpeg's description of its input 0, and nothing that was learnt in another way (LearntFacts).
struct InputFacts {
  // The demuxer's names, e.g. `mov,mp4,m4a,3gp,3g2,mj2`; empty: nothing is known yet.
  std::string format;
  // Unset: the source has no length, or ffmpeg does not know it.
  std::optional<std::chrono::duration<double>> duration;
  std::vector<ProgramFacts> programs;
  // In the order of the description.
  std::vector<StreamFacts> streams;

  [[nodiscard]] bool is_known() const { return !format.empty(); }
  // Whether the demuxer has this name.
  [[nodiscard]] bool is_format(std::string_view name) const;
  bool operator==(const InputFacts&) const = default;
};

// Reads the description of input 0 from ffmpeg's log at level info (ffmpeg 4 to 7). Text of the
// source (metadata, names of chapters and programmes, also with newlines in it) is not taken for a
// part of the description: a line counts only with a level in front of it, at its own indentation,
// and outside of the sections of metadata.
class InputDumpReader {
 public:
  // The facts, at the line that ends the description of the inputs. They come once more if the
  // description of the output shows interlaced pictures where that of the input does not say it (an
  // input that is read without parsers).
  [[nodiscard]] std::optional<InputFacts> read_line(const StderrLine& line);

 private:
  void read_input_line(std::size_t indentation, std::string_view text);
  void read_metadata(std::string_view text);
  void read_stream(std::string_view text);
  [[nodiscard]] std::optional<InputFacts> read_output_line(std::size_t indentation,
                                                           std::string_view text);

  enum class Stage : std::uint8_t {
    kBefore,
    kInput,
    kOtherInput,
    kMapping,
    kOtherOutput,
    kOutput,
    kDone
  };

  Stage stage_ = Stage::kBefore;
  InputFacts facts_;
  // The indentation of the `Metadata:` above; its lines are indented more.
  std::optional<std::size_t> section_;
  // Whether the metadata belongs to a stream, the last one.
  bool in_stream_ = false;
  bool in_program_ = false;
  // The input's stream that the output's first one is made from.
  int first_mapped_ = -1;
};

// Whether this line of ffmpeg's log is a decoder's complaint about packets that hold more or less
// than one picture. A damaged stream can cause the same lines.
[[nodiscard]] bool complains_of_packets(std::string_view line);

}  // namespace livestream
