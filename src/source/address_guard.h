#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "base/result.h"

namespace livestream {

// The HTTP proxy of one run of ffmpeg, on loopback: whatever leads an HTTP source elsewhere
// (playlists, redirects, DASH manifests, keys, init segments) is a request to this, which resolves
// the host, connects to the very address that AddressPolicy allowed, and answers 403 otherwise.
// https goes through a tunnel. The answers pass unread, so whatever HTTP a source speaks arrives as
// it was sent; one connection to a server lives as long as ffmpeg's own. Other programs cannot use
// the proxy, because it asks for a random password: ffmpeg is told it in its environment, which
// other users cannot read.
//
// Names are resolved on Asio's own thread; nothing blocks the loop. Ingest thread.
class AddressGuard {
 public:
  // `source_host` as in AddressPolicy. `on_refused` gets one line for users and the log, at most
  // kMostRefusals times. Fails when no port can be had, saying why.
  [[nodiscard]] static Result<std::unique_ptr<AddressGuard>> start(
      boost::asio::io_context& loop, const std::string& source_host,
      std::function<void(std::string)> on_refused);
  // Ends all connections; nothing is called any more.
  ~AddressGuard();

  [[nodiscard]] std::uint16_t port() const;
  // For ffmpeg's environment variable http_proxy. Holds the password: never show it.
  [[nodiscard]] std::string proxy_url() const;
  // From the first byte that a server answered to the last one.
  [[nodiscard]] std::chrono::milliseconds receiving_time() const;
  // Why the last request was not carried out, in words of ours or of the system; empty when it was.
  [[nodiscard]] const std::string& trouble() const;

  static constexpr int kMostRefusals = 8;

 private:
  class Shared;
  class Connection;
  explicit AddressGuard(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  const std::shared_ptr<Shared> shared_;
};

// Whether ffmpeg takes the network's own proxy from this process's environment. The network is then
// behind that proxy, and a guard would stand in its way.
[[nodiscard]] bool environment_has_proxy();

}  // namespace livestream
