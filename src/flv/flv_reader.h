#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "flv/packet_reader.h"
#include "media/h264.h"

namespace livestream {

// Reads H.264 and AAC from FLV as ffmpeg writes it to a pipe (Adobe Flash Video File Format
// Specification 10.1, annex E). Each tag's payload is copied once, out of the input into its
// sample, and at most one tag (16 MiB) is held. Single-threaded; belongs to the owner of the pipe.
//
// A video that is passed on as it came may change its parameter sets within its pictures; such a
// change is told like one of the configuration, as a new track.
//
// Fails permanently on bytes that are not FLV and on codecs other than these two; the message names
// the codec. Skips oddities: unknown script data, tags of other types, wrong back-pointers, frames
// before their configuration or with broken NAL lengths.
class FlvReader final : public PacketReader {
 public:
  [[nodiscard]] Result<std::vector<Packet>> read(ByteView bytes) override;

 private:
  enum class State : std::uint8_t { kFileHeader, kSkip, kTagHeader, kMediaHeader, kPayload };
  enum class TagType : std::uint8_t { kAudio = 8, kVideo = 9, kScript = 18 };

  [[nodiscard]] Result<void> step(std::vector<Packet>& packets);
  [[nodiscard]] Result<void> on_file_header();
  [[nodiscard]] Result<void> on_tag_header();
  [[nodiscard]] Result<void> on_media_header();
  [[nodiscard]] Result<void> on_payload(std::vector<Packet>& packets);
  [[nodiscard]] Result<void> on_video(std::vector<Packet>& packets);
  [[nodiscard]] Result<void> on_audio(std::vector<Packet>& packets);
  [[nodiscard]] Result<void> on_video_configuration(std::vector<Packet>& packets);
  [[nodiscard]] Result<void> describe_video(Bytes record, std::vector<Packet>& packets);
  [[nodiscard]] Result<void> on_audio_configuration(std::vector<Packet>& packets);

  // Small fields are collected in `head_` until `head_wanted_` bytes are there, payloads in
  // `payload_`.
  void want_head(State state, std::size_t size);
  void skip(std::size_t size);
  [[nodiscard]] std::int64_t unwrap(std::uint32_t stamp);

  State state_ = State::kFileHeader;
  std::array<std::uint8_t, 15> head_{};
  std::size_t head_size_ = 0;
  std::size_t head_wanted_ = 9;
  std::size_t skip_left_ = 0;
  Bytes payload_;
  std::size_t payload_left_ = 0;

  TagType tag_type_ = TagType::kScript;
  std::uint32_t tag_stamp_ = 0;
  bool keyframe_ = false;
  std::uint8_t packet_type_ = 0;
  std::int32_t composition_offset_ms_ = 0;

  // Unwrapped stamp of the last tag of either kind.
  std::optional<std::int64_t> last_ms_;
  // 0 before the first video configuration.
  std::size_t nal_length_size_ = 0;
  // As the newest video track has it.
  Bytes video_configuration_;
  bool has_audio_configuration_ = false;
};

}  // namespace livestream
