#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/stream_settings.h"

namespace livestream {

enum class SourceKind : std::uint8_t { kFile, kGrowingFile, kNetwork, kHttp, kDevice, kDemo };

// The word for it in /stats and the log: file, growing_file, network, http, device, demo.
[[nodiscard]] const char* to_string(SourceKind kind);

// The source that VIDEO_FILE names, in the form that ffmpeg needs. It holds credentials when the
// URL does: mask it before showing it.
struct SourceSpec {
  SourceKind kind = SourceKind::kDemo;
  // kNetwork, kHttp: the URL's scheme in lower case; kDevice: v4l2, avfoundation or dshow; else
  // empty.
  std::string scheme;
  // A path (without `file://`), a URL, or a device as ffmpeg's input device names it (without the
  // `avfoundation:` or `dshow:` in front); empty for the demo.
  std::string location;
  // Why the demo is served without having been asked for; for the log and the page; else empty.
  std::string notice;

  bool operator==(const SourceSpec&) const = default;
};

// Looks at the form of VIDEO_FILE alone; a source that is away is not an error. The one look at the
// disk: whether the default `video.mp4` is there, else the demo stands in for it. Fails on a URL
// whose scheme is not served, naming those that are.
[[nodiscard]] Result<SourceSpec> detect_source(const SourceSettings& settings);

// The path of a URL with a host, without query and fragment, in lower case.
[[nodiscard]] std::string path_of_url(std::string_view url);
// Whether the address is that of an HLS playlist or a DASH manifest, by its name.
[[nodiscard]] bool names_a_playlist(const SourceSpec& source);
// Whether the source is a port of this machine that a sender sends to (UDP, RTP, SRT and TCP as
// listener): it is open for as long as there is no sender.
[[nodiscard]] bool waits_for_sender(const SourceSpec& source);

// The sources of all these streams, in their order. Fails as detect_source() does; with several
// streams the line names the stream.
[[nodiscard]] Result<std::vector<SourceSpec>> detect_sources(
    const std::vector<StreamSettings>& streams);

}  // namespace livestream
