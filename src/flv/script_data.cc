#include "flv/script_data.h"

#include <bit>
#include <cstdint>
#include <string_view>

namespace livestream {
namespace {

constexpr int kMaxDepth = 8;

enum class Marker : std::uint8_t {
  kNumber = 0,
  kBoolean = 1,
  kString = 2,
  kObject = 3,
  kNull = 5,
  kUndefined = 6,
  kReference = 7,
  kEcmaArray = 8,
  kObjectEnd = 9,
  kStrictArray = 10,
  kDate = 11,
  kLongString = 12,
};

std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool skip_value(ByteReader& reader, int depth);

// Properties up to the end marker. Calls `property(name, marker)`, which must read the value.
template <typename Property>
bool read_properties(ByteReader& reader, const Property& property) {
  while (reader.ok()) {
    const std::string_view name = text_of(reader.bytes(reader.u16()));
    const auto marker = static_cast<Marker>(reader.u8());
    if (!reader.ok()) return false;
    if (marker == Marker::kObjectEnd) return true;
    if (!property(name, marker)) return false;
  }
  return false;
}

bool skip_value_of(ByteReader& reader, Marker marker, int depth) {
  if (depth > kMaxDepth) return false;
  switch (marker) {
    case Marker::kNumber:
      reader.skip(8);
      break;
    case Marker::kBoolean:
      reader.skip(1);
      break;
    case Marker::kString:
      reader.skip(reader.u16());
      break;
    case Marker::kLongString:
      reader.skip(reader.u32());
      break;
    case Marker::kNull:
    case Marker::kUndefined:
      break;
    case Marker::kReference:
      reader.skip(2);
      break;
    case Marker::kDate:
      reader.skip(10);
      break;
    case Marker::kEcmaArray:
      reader.skip(4);
      [[fallthrough]];
    case Marker::kObject:
      return read_properties(reader, [&](std::string_view, Marker inner) {
        return skip_value_of(reader, inner, depth + 1);
      });
    case Marker::kStrictArray: {
      // Each element takes at least a byte, so a hostile count ends with the data.
      for (std::uint32_t left = reader.u32(); left > 0; --left) {
        if (!skip_value(reader, depth + 1)) return false;
      }
      break;
    }
    default:
      return false;
  }
  return reader.ok();
}

bool skip_value(ByteReader& reader, int depth) {
  const auto marker = static_cast<Marker>(reader.u8());
  return reader.ok() && skip_value_of(reader, marker, depth);
}

}  // namespace

bool read_metadata(ByteView body, ContainerInfo& info) {
  ByteReader reader(body);
  if (static_cast<Marker>(reader.u8()) != Marker::kString) return false;
  if (text_of(reader.bytes(reader.u16())) != "onMetaData") return false;
  const auto marker = static_cast<Marker>(reader.u8());
  if (marker == Marker::kEcmaArray) {
    reader.skip(4);  // an estimate of the number of properties
  } else if (marker != Marker::kObject) {
    return false;
  }
  info.has_video = false;
  info.has_audio = false;
  return read_properties(reader, [&](std::string_view name, Marker value) {
    if (name == "videocodecid") info.has_video = true;
    if (name == "audiocodecid") info.has_audio = true;
    if (name == "framerate" && value == Marker::kNumber) {
      const double rate = std::bit_cast<double>(reader.u64());
      if (rate > 0 && rate <= 1000) info.frame_rate = rate;
      return reader.ok();
    }
    return skip_value_of(reader, value, 1);
  });
}

}  // namespace livestream
