#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "http/router.h"

namespace livestream {

// A file of the player, compiled into the binary.
struct EmbeddedAsset {
  std::string_view path;  // relative to web/, e.g. "index.html"
  ByteView bytes;
  std::string_view etag;  // quoted, of the content
  // Of the scripts within a page, as the Content-Security-Policy names them: 'sha256-...'.
  std::string_view script_hashes;
};

// The cost (http::Handler::cost) of a request that is answered from memory. A load of the page
// makes about a dozen, which together cost less than its stream.
inline constexpr double kPageRequestCost = 0.05;

// The pages and what they load; defined by the build (cmake/embed_web.cmake).
[[nodiscard]] std::span<const EmbeddedAsset> embedded_assets();

struct SiteLooks {
  // A folder to read the files from at each request (for development); empty: from memory.
  std::string web_root;
  // Takes the place of {{title}} in pages.
  std::string title;
};

// Route the player's files: each under its own path, index.html also as /, other pages also without
// .html. From memory, with ETag and 304; with `web_root` set, instead all files that this folder
// has now. The pages are apart from the other files, because only they depend on the title.
void add_pages(http::Router& router, std::span<const EmbeddedAsset> assets, const SiteLooks& looks);
void add_files(http::Router& router, std::span<const EmbeddedAsset> assets,
               const std::string& web_root);

}  // namespace livestream
