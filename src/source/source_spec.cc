#include "source/source_spec.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/mask.h"

namespace livestream {
namespace {

constexpr std::array<std::string_view, 8> kNetworkSchemes = {"rtsp", "rtsps", "rtmp", "rtmps",
                                                             "srt",  "udp",   "tcp",  "rtp"};
constexpr std::string_view kAllowed =
    "a file, demo, rtsp:// rtsps:// rtmp:// rtmps:// http:// https:// srt:// udp:// tcp:// rtp:// "
    "file://, "
    "/dev/video0, avfoundation:NAME, dshow:video=NAME";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// The scheme of `scheme://...` (RFC 3986 §3.1), in lower case.
std::optional<std::string> scheme_of(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string scheme = lower_case(text.substr(0, end));
  const bool valid = std::isalpha(static_cast<unsigned char>(scheme[0])) != 0 &&
                     std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
                     });
  if (!valid) return std::nullopt;
  return scheme;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// The path of a file URL (RFC 8089): `file:///x%20y` and `file://localhost/x%20y` name "/x y".
std::string path_of_file_url(std::string_view url) {
  std::string_view rest = url.substr(std::string_view("file://").size());
  if (lower_case(rest.substr(0, 10)) == "localhost/") rest.remove_prefix(9);
  std::string path;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '%' && i + 2 < rest.size()) {
      const auto high = hex_digit(rest[i + 1]);
      const auto low = hex_digit(rest[i + 2]);
      if (high && low) {
        path += static_cast<char>(*high * 16 + *low);
        i += 2;
        continue;
      }
    }
    path += rest[i];
  }
  return path;
}

std::optional<SourceSpec> detect_device(const std::string& text) {
  const std::string lower = lower_case(text);
  if (text.starts_with("/dev/video")) return SourceSpec{SourceKind::kDevice, "v4l2", text, {}};
  if (lower.starts_with("avfoundation:")) {
    return SourceSpec{SourceKind::kDevice, "avfoundation", text.substr(13), {}};
  }
  std::string device = text;
  if (lower.starts_with("dshow:")) {
    device = text.substr(6);
    const std::string rest = lower_case(device);
    if (!rest.starts_with("video=") && !rest.starts_with("audio=")) device = "video=" + device;
  } else if (!lower.starts_with("video=")) {
    return std::nullopt;
  }
  return SourceSpec{SourceKind::kDevice, "dshow", device, {}};
}

// `http:/host/x` and `rtsp:host`: a URL of a scheme that is served, without its slashes.
std::optional<std::string> scheme_without_slashes(const std::string& text) {
  const std::string scheme = lower_case(text.substr(0, text.find(':')));
  const bool is_served =
      scheme == "http" || scheme == "https" ||
      std::find(kNetworkSchemes.begin(), kNetworkSchemes.end(), scheme) != kNetworkSchemes.end();
  std::error_code error;
  if (scheme.size() == text.size() || !is_served || std::filesystem::exists(text, error))
    return std::nullopt;
  return scheme;
}

// The problem with host and port of `url`; empty if there is none. A listener may leave out its
// host, but not its port.
std::string problem_of_address(const std::string& scheme, const std::string& url) {
  std::string host = url.substr(scheme.size() + 3);
  host.resize(std::min(host.find_first_of("/?#"), host.size()));
  host.erase(0, host.rfind('@') + 1);
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && colon + 1 < host.size() &&
                        host.find(']', colon) == std::string::npos;
  const bool needs_port = scheme == "srt" || scheme == "udp" || scheme == "tcp" || scheme == "rtp";
  if (needs_port && !has_port) return fmt::format("the port is missing: {}://host:port", scheme);
  if (!needs_port && (host.empty() || colon == 0))
    return fmt::format("the host after {}:// is missing", scheme);
  return {};
}

SourceSpec file_source(const SourceSettings& settings, std::string path) {
  const SourceKind kind = settings.growing_file ? SourceKind::kGrowingFile : SourceKind::kFile;
  return {kind, {}, std::move(path), {}};
}

}  // namespace

const char* to_string(SourceKind kind) {
  switch (kind) {
    case SourceKind::kFile:
      return "file";
    case SourceKind::kGrowingFile:
      return "growing_file";
    case SourceKind::kNetwork:
      return "network";
    case SourceKind::kHttp:
      return "http";
    case SourceKind::kDevice:
      return "device";
    case SourceKind::kDemo:
      return "demo";
  }
  return "file";
}

Result<SourceSpec> detect_source(const SourceSettings& settings) {
  const std::string& text = settings.video_file;
  if (text == "demo") return SourceSpec{};
  if (settings.video_file_is_default) {
    std::error_code error;
    if (!std::filesystem::exists(text, error) && !settings.growing_file) {
      return SourceSpec{
          SourceKind::kDemo,
          {},
          {},
          fmt::format("VIDEO_FILE is not set and there is no {} here: this is the demo source",
                      text)};
    }
    return file_source(settings, text);
  }
  if (auto device = detect_device(text)) {
    if (device->location.empty()) {
      return fail(
          fmt::format("VIDEO_FILE={}: the device has no name; allowed: {}", text, kAllowed));
    }
    return *device;
  }
  const auto scheme = scheme_of(text);
  if (!scheme) {
    if (const auto meant = scheme_without_slashes(text)) {
      return fail(fmt::format("VIDEO_FILE={}: write {}:// with two slashes", mask_credentials(text),
                              *meant));
    }
    return file_source(settings, text);
  }
  const std::string url = *scheme + text.substr(scheme->size());
  if (*scheme == "file") return file_source(settings, path_of_file_url(url));
  if (url.size() == scheme->size() + 3) {
    return fail(fmt::format("VIDEO_FILE={}: the address after {}:// is missing", text, *scheme));
  }
  const bool is_http = *scheme == "http" || *scheme == "https";
  const bool is_network =
      std::find(kNetworkSchemes.begin(), kNetworkSchemes.end(), *scheme) != kNetworkSchemes.end();
  if (is_http || is_network) {
    if (const std::string problem = problem_of_address(*scheme, url); !problem.empty())
      return fail(fmt::format("VIDEO_FILE={}: {}", mask_credentials(text), problem));
    return SourceSpec{is_http ? SourceKind::kHttp : SourceKind::kNetwork, *scheme, url, {}};
  }
  return fail(fmt::format("VIDEO_FILE={}: {}:// is not served; allowed: {}", mask_credentials(text),
                          *scheme, kAllowed));
}

std::string path_of_url(std::string_view url) {
  const std::size_t host = std::min(url.find("://"), url.size());
  const std::size_t path = url.find('/', std::min(host + 3, url.size()));
  if (path == std::string_view::npos) return {};
  return lower_case(url.substr(path, url.find_first_of("?#", path) - path));
}

bool names_a_playlist(const SourceSpec& source) {
  if (source.kind != SourceKind::kHttp) return false;
  const std::string path = path_of_url(source.location);
  return path.ends_with(".m3u8") || path.ends_with(".m3u") || path.ends_with(".mpd");
}

bool waits_for_sender(const SourceSpec& source) {
  if (source.scheme == "udp" || source.scheme == "rtp") return true;
  const std::size_t query = source.location.find('?');
  if (query == std::string::npos) return false;
  std::string options = source.location.substr(query) + "&";
  options.front() = '&';
  if (source.scheme == "srt") return options.find("&mode=listener&") != std::string::npos;
  return source.scheme == "tcp" && (options.find("&listen&") != std::string::npos ||
                                    options.find("&listen=1&") != std::string::npos ||
                                    options.find("&listen=2&") != std::string::npos);
}

Result<std::vector<SourceSpec>> detect_sources(const std::vector<StreamSettings>& streams) {
  std::vector<SourceSpec> sources;
  for (const StreamSettings& stream : streams) {
    Result<SourceSpec> source = detect_source(stream.source);
    if (!source && streams.size() == 1) return tl::unexpected(source.error());
    if (!source) return fail(fmt::format("stream {}: {}", stream.name, source.error().message));
    sources.push_back(*std::move(source));
  }
  return sources;
}

}  // namespace livestream
