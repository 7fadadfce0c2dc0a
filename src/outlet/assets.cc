#include "outlet/assets.h"

#include <fstream>
#include <iterator>
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

std::vector<http::Header> headers_of(const EmbeddedAsset& asset) {
  std::vector<http::Header> headers = {{"Content-Type", std::string(content_type(asset.path))},
                                       {"Cache-Control", "no-cache"}};
  if (asset.path.ends_with(".html")) {
    headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; img-src 'self' data: "
        "blob:; object-src 'none'; base-uri 'none'; form-action 'none'");
  }
  return headers;
}

// If-None-Match is a list of tags, weak or not, or * (RFC 9110 §13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  return if_none_match == "*" ||
         (!etag.empty() && if_none_match.find(etag) != std::string_view::npos);
}

http::Answer from_disk(const std::string& web_root, const EmbeddedAsset& asset) {
  std::ifstream file(web_root + "/" + std::string(asset.path), std::ios::binary);
  if (!file) return http::text_response(404, "not found in the --web-root folder");
  Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return http::Response{.head = {.status = 200, .headers = headers_of(asset)},
                        .body = SharedBytes(std::move(bytes))};
}

http::Router::Function route(const EmbeddedAsset& asset, const std::string& web_root) {
  if (!web_root.empty()) {
    return [&asset, web_root](const http::Request&) { return from_disk(web_root, asset); };
  }
  http::Response response{.head = {.status = 200, .headers = headers_of(asset)},
                          .body = SharedBytes(Bytes(asset.bytes.begin(), asset.bytes.end()))};
  response.head.headers.emplace_back("ETag", std::string(asset.etag));
  return [&asset, response = std::move(response)](const http::Request& request) -> http::Answer {
    if (!matches(request.header("If-None-Match"), asset.etag)) return response;
    return http::Response{.head = {.status = 304, .headers = response.head.headers}, .body = {}};
  };
}

}  // namespace

void add_assets(http::Router& router, std::span<const EmbeddedAsset> assets,
                const std::string& web_root) {
  for (const EmbeddedAsset& asset : assets) {
    const http::Router::Function function = route(asset, web_root);
    router.add("GET", "/" + std::string(asset.path), function);
    if (asset.path == "index.html") router.add("GET", "/", function);
    if (asset.path == "selftest.html") router.add("GET", "/selftest", function);
  }
}

}  // namespace livestream
