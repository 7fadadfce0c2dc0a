#include "doctor/machine_checks.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>

#ifdef __linux__
#include <sys/timex.h>
#endif

#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "base/ascii.h"
#include "base/open_files.h"
#include "net/addresses.h"

namespace livestream {
namespace {

constexpr std::uint64_t kMiB = 1u << 20;
// The recent fragments of a stream, and an ffmpeg that encodes 1080p.
constexpr std::uint64_t kMemoryPerStream = 150 * kMiB;
// Above this share of the processor, pictures are late now and then.
constexpr double kBusy = 0.8;
// A program on our port has this long to say what it is.
constexpr std::chrono::seconds kAnswerTime{2};
constexpr std::size_t kAnswerSize = 64u << 10;

std::string content_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  text = trim(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

// Whether a livestream-server listens at `endpoint`.
bool is_livestream_server(boost::asio::ip::tcp::endpoint endpoint) {
  const auto address = endpoint.address();
  if (address.is_unspecified()) {
    if (address.is_v4()) endpoint.address(boost::asio::ip::address_v4::loopback());
    if (address.is_v6()) endpoint.address(boost::asio::ip::address_v6::loopback());
  }
  boost::asio::ip::tcp::iostream connection;
  connection.expires_after(kAnswerTime);
  connection.connect(endpoint);
  connection << "GET /streams.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
             << std::flush;
  std::string answer(kAnswerSize, '\0');
  connection.read(answer.data(), static_cast<std::streamsize>(answer.size()));
  answer.resize(static_cast<std::size_t>(connection.gcount()));
  return answer.starts_with("HTTP/1.1 200 ") && answer.find("\"streams\": [") < answer.size();
}

}  // namespace

Check port_check(const ServerSettings& settings) {
  const auto endpoints = resolve_host(settings.host, settings.port);
  if (!endpoints) return {Verdict::kFault, "port", endpoints.error().message};
  for (const auto& endpoint : *endpoints) {
    const auto port = check_free(endpoint);
    if (port) continue;
    if (endpoint.port() != 0 && is_livestream_server(endpoint)) {
      return {Verdict::kOk, "port",
              fmt::format("a livestream-server listens on {} already", endpoint.port())};
    }
    return {Verdict::kFault, "port", port.error().message};
  }
  if (settings.port == 0) return {Verdict::kOk, "port", "PORT=0 picks a free one at each start"};
  return {Verdict::kOk, "port", fmt::format("{} is free on {}", settings.port, settings.host)};
}

Check open_files_check(const ServerSettings& settings) {
  const std::string warning = raise_open_files(settings.max_clients);
  if (!warning.empty()) return {Verdict::kWarning, "open files", warning};
  return {Verdict::kOk, "open files",
          fmt::format("the limit is enough for MAX_CLIENTS={}", settings.max_clients)};
}

ClockState clock_state() {
#ifdef __linux__
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return ClockState::kUnknown;
  const bool free = answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0;
  return free ? ClockState::kFree : ClockState::kSynchronised;
#else
  return ClockState::kUnknown;
#endif
}

Check clock_check(ClockState state) {
  switch (state) {
    case ClockState::kUnknown:
      return {Verdict::kOk, "clock", "the system does not tell whether it is synchronised"};
    case ClockState::kSynchronised:
      return {Verdict::kOk, "clock", "synchronised with the network"};
    case ClockState::kFree:
      break;
  }
  return {Verdict::kWarning, "clock",
          "is not synchronised, so times in the log and delays against other clocks are wrong; "
          "switch it on (sudo timedatectl set-ntp true, or install chrony); in a container it is "
          "the host's clock"};
}

std::optional<std::uint64_t> parse_available_memory(std::string_view meminfo) {
  constexpr std::string_view kKey = "MemAvailable:";
  const std::size_t at = meminfo.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  const auto kib = number_in(meminfo.substr(at + kKey.size()));
  if (!kib) return std::nullopt;
  return *kib * 1024;
}

std::optional<std::uint64_t> available_memory() {
  std::optional<std::uint64_t> available = parse_available_memory(content_of("/proc/meminfo"));
  const auto limit = number_in(content_of("/sys/fs/cgroup/memory.max"));
  const auto used = number_in(content_of("/sys/fs/cgroup/memory.current"));
  if (!limit || !used) return available;
  const std::uint64_t left = *limit > *used ? *limit - *used : 0;
  return std::min(available.value_or(left), left);
}

Check memory_check(std::optional<std::uint64_t> available, std::size_t streams) {
  if (!available) return {Verdict::kOk, "memory", "the system does not tell how much is free"};
  const std::string free = fmt::format("{} MiB are free", *available / kMiB);
  const std::uint64_t needed = kMemoryPerStream * streams;
  if (*available >= needed) return {Verdict::kOk, "memory", free};
  return {
      Verdict::kWarning, "memory",
      fmt::format("{}, and {} streams that are encoded may take {} MiB; lower VIDEO_RESOLUTION, "
                  "use VIDEO_CODEC=copy, or set ON_DEMAND",
                  free, streams, needed / kMiB)};
}

Check processor_check(double cost, unsigned cores) {
  const std::string text = fmt::format("all sources together take about {:.2g} of {} {}", cost,
                                       cores, cores == 1 ? "core" : "cores");
  if (cost <= kBusy * cores) return {Verdict::kOk, "processor", text};
  return {Verdict::kWarning, "processor",
          text +
              ": too much; lower VIDEO_RESOLUTION or VIDEO_FPS, pass pictures through "
              "(VIDEO_CODEC=copy), use an encoder in hardware, or set ON_DEMAND"};
}

}  // namespace livestream
