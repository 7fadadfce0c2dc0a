#pragma once

#include "base/bytes.h"
#include "media/packet.h"

namespace livestream {

// Reads the body of an FLV script data tag (AMF0, FLV 10.1 §E.4.4). False when it is not
// a readable onMetaData; `info` may then be partly filled.
[[nodiscard]] bool read_metadata(ByteView body, ContainerInfo& info);

}  // namespace livestream
