#include "source/growing_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr std::size_t kTsPacket = 188;
constexpr std::uint32_t kEbml = 0x1a45dfa3;

constexpr std::uint32_t four_cc(const char (&text)[5]) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(text[i]);
  return value;
}

// The box types that an MP4 may begin with.
constexpr std::array kMp4Types = {four_cc("ftyp"), four_cc("styp"), four_cc("moov"),
                                  four_cc("free"), four_cc("wide"), four_cc("skip"),
                                  four_cc("mdat")};

// Walks the file's boxes (ISO/IEC 14496-12 §4.2) until one decides: a moov or moof before the media
// can be read as it comes.
Result<std::optional<GrowingContainer>> mp4_container(ByteView head) {
  std::size_t at = 0;
  while (head.size() - at >= 16) {
    ByteReader reader(head.subspan(at));
    std::uint64_t size = reader.u32();
    const std::uint32_t type = reader.u32();
    if (size == 1) size = reader.u64();
    if (type == four_cc("moov") || type == four_cc("moof")) return GrowingContainer::kMp4;
    if (type == four_cc("mdat")) {
      return fail(
          "GROWING_FILE: this is a plain MP4, whose index (moov) is written only when the "
          "recording ends, so it "
          "cannot be followed: record to MKV, MPEG-TS or fragmented MP4 (OBS: Settings, Output, "
          "Recording Format); "
          "for a finished recording unset GROWING_FILE");
    }
    if (size < 8 || size > head.size() - at) return std::nullopt;
    at += static_cast<std::size_t>(size);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<GrowingContainer>> container_of(ByteView head) {
  if (head.size() < 8) return std::nullopt;
  ByteReader reader(head);
  const std::uint32_t first = reader.u32();
  const std::uint32_t second = reader.u32();
  if (first == kEbml) return GrowingContainer::kMatroska;
  for (const std::uint32_t type : kMp4Types) {
    if (second == type) return mp4_container(head);
  }
  if (head[0] == 0x47) {
    if (head.size() <= kTsPacket) return std::nullopt;
    if (head[kTsPacket] == 0x47) return GrowingContainer::kMpegTs;
  }
  return fail(
      "GROWING_FILE: only MKV, MPEG-TS and fragmented MP4 can be followed while they are written: "
      "record to one of "
      "these");
}

Result<std::optional<UniqueFd>> open_growing_file(const std::string& path) {
  // Without O_NONBLOCK the opening of a FIFO waits for its writer.
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT) return std::nullopt;
    return fail(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  }
  struct stat state {};
  if (::fstat(file.get(), &state) != 0)
    return fail(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  if (!S_ISREG(state.st_mode)) {
    return fail(fmt::format(
        "GROWING_FILE: {} is not a regular file: give the file that is recorded to, or unset "
        "GROWING_FILE",
        path));
  }
  return file;
}

Result<std::optional<GrowingContainer>> inspect_growing_file(const std::string& path) {
  Result<std::optional<UniqueFd>> file = open_growing_file(path);
  if (!file) return tl::unexpected(file.error());
  if (!*file) return std::nullopt;
  Bytes head(kGrowingFileHead);
  const ssize_t got = ::pread((*file)->get(), head.data(), head.size(), 0);
  if (got < 0) return fail(fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  return container_of(ByteView(head).first(static_cast<std::size_t>(got)));
}

}  // namespace livestream
