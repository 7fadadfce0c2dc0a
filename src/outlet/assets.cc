#include "outlet/assets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace livestream {
namespace {

std::string_view content_type(std::string_view path) {
  const std::string_view extension = path.substr(std::min(path.rfind('.'), path.size()));
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".js") return "text/javascript; charset=utf-8";
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".png") return "image/png";
  if (extension == ".json") return "application/json";
  return "application/octet-stream";
}

bool is_page(std::string_view path) { return path.ends_with(".html"); }

std::vector<http::Header> headers_of(std::string_view path, std::string_view script_hashes) {
  std::vector<http::Header> headers = {{"Content-Type", std::string(content_type(path))},
                                       {"Cache-Control", "no-cache"}};
  if (is_page(path)) {
    headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self' " + std::string(script_hashes) +
            "; media-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data: blob:; "
            "object-src 'none'; base-uri 'none'; form-action 'none'");
  }
  return headers;
}

// If-None-Match is a list of tags, weak or not, or * (RFC 9110 §13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" ||
         (!etag.empty() && if_none_match.find(etag) != std::string_view::npos);
}

std::string escaped_for_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// The bytes of a file; in a page the title is filled in.
Bytes filled(std::string_view path, ByteView bytes, const std::string& title) {
  if (!is_page(path)) return Bytes(bytes.begin(), bytes.end());
  constexpr std::string_view kMark = "{{title}}";
  const std::string name = escaped_for_html(title);
  std::string text(bytes.begin(), bytes.end());
  for (std::size_t at = text.find(kMark); at != std::string::npos;
       at = text.find(kMark, at + name.size())) {
    text.replace(at, kMark.size(), name);
  }
  return Bytes(text.begin(), text.end());
}

http::Answer from_disk(const SiteLooks& looks, const std::string& path) {
  std::ifstream file(looks.web_root + "/" + path, std::ios::binary);
  if (!file) return http::text_response(404, "not found in the --web-root folder");
  const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return http::Response{.head = {.status = 200, .headers = headers_of(path, {})},
                        .body = SharedBytes(filled(path, bytes, looks.title))};
}

http::Router::Function from_memory(const EmbeddedAsset& asset, const std::string& title) {
  Bytes bytes = filled(asset.path, asset.bytes, title);
  std::string etag(asset.etag);
  // Another title makes another page.
  if (!std::equal(bytes.begin(), bytes.end(), asset.bytes.begin(), asset.bytes.end()))
    etag.insert(etag.size() - 1, fmt::format("-{:x}", std::hash<std::string>{}(title)));
  http::Response response{
      .head = {.status = 200, .headers = headers_of(asset.path, asset.script_hashes)},
      .body = SharedBytes(std::move(bytes))};
  response.head.headers.emplace_back("ETag", etag);
  return [etag, response = std::move(response)](const http::Request& request) -> http::Answer {
    if (!matches(request.header("If-None-Match"), etag)) return response;
    return http::Response{.head = {.status = 304, .headers = response.head.headers}, .body = {}};
  };
}

void add(http::Router& router, const std::string& path, const http::Router::Function& function) {
  router.add("GET", "/" + path, function, kPageRequestCost);
  if (path == "index.html") {
    router.add("GET", "/", function, kPageRequestCost);
  } else if (is_page(path)) {
    router.add("GET", "/" + path.substr(0, path.rfind('.')), function, kPageRequestCost);
  }
}

void add_folder(http::Router& router, const SiteLooks& looks, bool pages) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator file(looks.web_root, error), end; !error && file != end;
       file.increment(error)) {
    if (!file->is_regular_file(error)) continue;
    const std::string path = file->path().lexically_relative(looks.web_root).generic_string();
    if (is_page(path) != pages) continue;
    add(router, path, [looks, path](const http::Request&) { return from_disk(looks, path); });
  }
}

void add_some(http::Router& router, std::span<const EmbeddedAsset> assets, const SiteLooks& looks,
              bool pages) {
  if (!looks.web_root.empty()) return add_folder(router, looks, pages);
  for (const EmbeddedAsset& asset : assets) {
    if (is_page(asset.path) == pages)
      add(router, std::string(asset.path), from_memory(asset, looks.title));
  }
}

}  // namespace

void add_pages(http::Router& router, std::span<const EmbeddedAsset> assets,
               const SiteLooks& looks) {
  add_some(router, assets, looks, true);
}

void add_files(http::Router& router, std::span<const EmbeddedAsset> assets,
               const std::string& web_root) {
  add_some(router, assets, {.web_root = web_root, .title = {}}, false);
}

}  // namespace livestream
