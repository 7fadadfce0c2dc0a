#include "outlet/assets.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

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

std::vector<http::Header> headers_of(std::string_view path, std::string_view script_hashes) {
  std::vector<http::Header> headers = {{"Content-Type", std::string(content_type(path))},
                                       {"Cache-Control", "no-cache"}};
  if (path.ends_with(".html")) {
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

http::Answer from_disk(const std::string& web_root, const std::string& path) {
  std::ifstream file(web_root + "/" + path, std::ios::binary);
  if (!file) return http::text_response(404, "not found in the --web-root folder");
  Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return http::Response{.head = {.status = 200, .headers = headers_of(path, {})},
                        .body = SharedBytes(std::move(bytes))};
}

http::Router::Function from_memory(const EmbeddedAsset& asset) {
  http::Response response{
      .head = {.status = 200, .headers = headers_of(asset.path, asset.script_hashes)},
      .body = SharedBytes(Bytes(asset.bytes.begin(), asset.bytes.end()))};
  response.head.headers.emplace_back("ETag", std::string(asset.etag));
  return [&asset, response = std::move(response)](const http::Request& request) -> http::Answer {
    if (!matches(request.header("If-None-Match"), asset.etag)) return response;
    return http::Response{.head = {.status = 304, .headers = response.head.headers}, .body = {}};
  };
}

void add(http::Router& router, const std::string& path, const http::Router::Function& function) {
  router.add("GET", "/" + path, function, kPageRequestCost);
  if (path == "index.html") router.add("GET", "/", function, kPageRequestCost);
  if (path == "selftest.html") router.add("GET", "/selftest", function, kPageRequestCost);
}

void add_folder(http::Router& router, const std::string& web_root) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator file(web_root, error), end; !error && file != end;
       file.increment(error)) {
    if (!file->is_regular_file(error)) continue;
    const std::string path = file->path().lexically_relative(web_root).generic_string();
    add(router, path, [web_root, path](const http::Request&) { return from_disk(web_root, path); });
  }
}

}  // namespace

void add_assets(http::Router& router, std::span<const EmbeddedAsset> assets,
                const std::string& web_root) {
  if (!web_root.empty()) {
    add_folder(router, web_root);
    return;
  }
  for (const EmbeddedAsset& asset : assets)
    add(router, std::string(asset.path), from_memory(asset));
}

}  // namespace livestream
