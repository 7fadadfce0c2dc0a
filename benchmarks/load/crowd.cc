#include "load/crowd.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace livestream::load {
namespace {

constexpr std::size_t kReadSize = 1 << 20;
// A slow viewer's receive buffer. It is small, so that unread bytes wait at the server, not in the
// kernel.
constexpr int kSlowReceiveBuffer = 64 * 1024;
constexpr double kSlowReadEvery_s = 0.02;
constexpr double kJoinerStays_s = 1;
constexpr std::size_t kOtherDescriptors = 64;

}  // namespace

double steady_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Crowd::Crowd(const Options& options)
    : options_(options),
      request_(fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: load\r\n\r\n",
                           options.path, options.host, options.port)),
      began_s_(steady_s()),
      buffer_(kReadSize),
      marks_(std::min(options.samples, options.viewers - options.slow)) {
  // Each joiner stays for a second; twice as many places leave room for late ones.
  viewers_.resize(options.viewers + static_cast<std::size_t>(std::ceil(options.joins_per_s * 2)));
  for (std::size_t i = options.viewers; i < viewers_.size(); ++i)
    viewers_[i].role = Viewer::Role::kJoiner;
  // Spread the slow viewers evenly among the others, and the samples among the fast ones.
  for (std::size_t i = 0; i < options.slow; ++i) {
    slow_.push_back(i * options.viewers / options.slow);
    viewers_[slow_.back()].role = Viewer::Role::kSlow;
  }
  std::vector<std::size_t> fast;
  for (std::size_t i = 0; i < options.viewers; ++i) {
    if (viewers_[i].role == Viewer::Role::kWatcher) fast.push_back(i);
  }
  const std::size_t samples = std::min(options.samples, fast.size());
  for (std::size_t i = 0; i < samples; ++i)
    viewers_[fast[i * fast.size() / samples]].sample = static_cast<int>(i);
  for (std::size_t i = 0; i < options.viewers; ++i) {
    Viewer& viewer = viewers_[i];
    if (options.check && (viewer.sample >= 0 || viewer.role == Viewer::Role::kSlow))
      viewer.check = std::make_unique<BodyCheck>();
  }
}

Crowd::~Crowd() {
  for (Viewer& viewer : viewers_) close(viewer, Viewer::State::kEnded);
  if (epoll_ >= 0) ::close(epoll_);
}

Result<void> Crowd::prepare() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (viewers_.size() + kOtherDescriptors > files.rlim_cur) {
    return fail(fmt::format("{} viewers need more than {} open files (ulimit -Hn)", viewers_.size(),
                            files.rlim_cur));
  }
  address_.sin_family = AF_INET;
  address_.sin_port = htons(static_cast<std::uint16_t>(std::stoi(options_.port)));
  if (::inet_pton(AF_INET, options_.host.c_str(), &address_.sin_addr) != 1)
    return fail(fmt::format("--host {} is not an IPv4 address", options_.host));
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return fail("no epoll");
  return {};
}

void Crowd::open(std::size_t index) {
  Viewer& viewer = viewers_[index];
  viewer.head.clear();
  viewer.first_s = viewer.last_s = 0;
  viewer.bytes = 0;
  viewer.started_s = steady_s();
  viewer.state = Viewer::State::kConnecting;
  viewer.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (viewer.fd < 0) {
    viewer.state = Viewer::State::kRefused;
    return;
  }
  if (viewer.role == Viewer::Role::kSlow) {
    ::setsockopt(viewer.fd, SOL_SOCKET, SO_RCVBUF, &kSlowReceiveBuffer, sizeof kSlowReceiveBuffer);
  }
  // Close without TIME_WAIT, because a thousand joins a second would use up the ports.
  const linger abort{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(viewer.fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  if (::connect(viewer.fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0 &&
      errno != EINPROGRESS) {
    return close(viewer, Viewer::State::kRefused);
  }
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = index}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, viewer.fd, &event);
}

void Crowd::close(Viewer& viewer, Viewer::State state) {
  if (viewer.fd < 0) return;
  ::close(viewer.fd);
  viewer.fd = -1;
  viewer.state = state;
}

void Crowd::step(double now_s, int patience_ms) {
  now_s_ = now_s;
  while (opened_ < options_.viewers &&
         now_s >= began_s_ + static_cast<double>(opened_) / options_.ramp) {
    open(opened_++);
  }
  if (window_s_ > 0) turn_joiners(now_s);
  if (!slow_.empty()) read_slow_ones(now_s);
  const bool hurried = opened_ < options_.viewers || options_.joins_per_s > 0;
  std::array<epoll_event, 1024> events;
  const int limit = hurried ? 1 : slow_.empty() ? 250 : 10;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 std::clamp(patience_ms, 0, limit));
  now_s_ = steady_s();
  for (int i = 0; i < count; ++i)
    on_event(events[static_cast<std::size_t>(i)].data.u64,
             events[static_cast<std::size_t>(i)].events);
}

void Crowd::begin_window(double now_s) {
  window_s_ = now_s;
  bytes_before_window_ = bytes_;
  for (Viewer& viewer : viewers_) viewer.longest_gap_s = 0;
}

void Crowd::on_event(std::size_t index, std::uint32_t events) {
  Viewer& viewer = viewers_[index];
  if (viewer.fd < 0) return;
  if ((events & EPOLLOUT) != 0 && (events & EPOLLERR) == 0) {
    // A new connection always has room for the first bytes.
    if (::send(viewer.fd, request_.data(), request_.size(), MSG_NOSIGNAL) < 0)
      return close(viewer, Viewer::State::kRefused);
    // Slow viewers are read at fixed times.
    const std::uint32_t wanted = viewer.role == Viewer::Role::kSlow ? 0u : EPOLLIN;
    epoll_event event{.events = wanted, .data = {.u64 = index}};
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, viewer.fd, &event);
  }
  if (viewer.role == Viewer::Role::kSlow && (events & (EPOLLERR | EPOLLHUP)) == 0) return;
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read(viewer, kReadSize);
}

void Crowd::read(Viewer& viewer, std::size_t limit) {
  const bool keep =
      viewer.state == Viewer::State::kConnecting || viewer.sample >= 0 || viewer.check != nullptr;
  const ssize_t got = ::recv(viewer.fd, keep ? buffer_.data() : nullptr, limit,
                             MSG_DONTWAIT | (keep ? 0 : MSG_TRUNC));
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    const bool answered = viewer.state == Viewer::State::kAnswered;
    return close(viewer, answered ? Viewer::State::kEnded : Viewer::State::kRefused);
  }
  ByteView bytes{buffer_.data(), static_cast<std::size_t>(got)};
  if (viewer.state == Viewer::State::kConnecting && !read_head(viewer, &bytes)) return;
  if (bytes.empty()) return;

  const double now_s = viewer.sample >= 0 ? steady_s() : now_s_;
  if (viewer.first_s == 0) {
    viewer.first_s = now_s;
  } else {
    viewer.longest_gap_s = std::max(viewer.longest_gap_s, now_s - viewer.last_s);
  }
  viewer.last_s = now_s;
  viewer.bytes += bytes.size();
  bytes_ += bytes.size();
  if (viewer.check) viewer.check->read(bytes);
  if (viewer.sample >= 0) marks_.scan(static_cast<std::size_t>(viewer.sample), bytes, now_s);
  if (window_s_ > 0 && viewer.window_from_s == 0) {
    viewer.window_from_s = now_s;
    viewer.window_from_bytes = viewer.bytes;
    if (viewer.check) viewer.window_from_media_s = viewer.check->media_s();
  }
}

bool Crowd::read_head(Viewer& viewer, ByteView* bytes) {
  const std::size_t had = viewer.head.size();
  viewer.head.append(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  const std::size_t end = viewer.head.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  if (!viewer.head.starts_with("HTTP/1.1 200")) {
    close(viewer, Viewer::State::kRefused);
    return false;
  }
  viewer.state = Viewer::State::kAnswered;
  viewer.head.resize(end);
  if (viewer.check)
    viewer.check->set_chunked(viewer.head.find("Transfer-Encoding: chunked") != std::string::npos);
  *bytes = bytes->subspan(end + 4 - had);
  return true;
}

void Crowd::read_slow_ones(double now_s) {
  if (now_s - slow_read_s_ < kSlowReadEvery_s) return;
  const double since = slow_read_s_ == 0 ? kSlowReadEvery_s : now_s - slow_read_s_;
  slow_read_s_ = now_s;
  const auto size = static_cast<std::size_t>(options_.slow_mbit * 1e6 / 8 * since);
  for (const std::size_t index : slow_) {
    if (viewers_[index].fd >= 0) read(viewers_[index], std::clamp<std::size_t>(size, 1, kReadSize));
  }
}

void Crowd::turn_joiners(double now_s) {
  const std::size_t places = viewers_.size() - options_.viewers;
  for (; now_s >= window_s_ + static_cast<double>(joins_) / options_.joins_per_s; ++joins_) {
    if (places == 0) return;
    const std::size_t index = options_.viewers + joins_ % places;
    Viewer& viewer = viewers_[index];
    // The joiner still waits after two seconds.
    if (viewer.fd >= 0) {
      if (viewer.first_s == 0) ++failed_joins_;
      close(viewer, Viewer::State::kEnded);
    }
    open(index);
  }
  // Checks each place; a thousand joins a second have two thousand places.
  for (std::size_t i = options_.viewers; i < viewers_.size(); ++i) {
    Viewer& viewer = viewers_[i];
    if (viewer.state == Viewer::State::kRefused) {
      ++failed_joins_;
      viewer.state = Viewer::State::kUnused;
    } else if (viewer.fd >= 0 && viewer.first_s > 0 && now_s - viewer.started_s > kJoinerStays_s) {
      join_ms_.push_back((viewer.first_s - viewer.started_s) * 1e3);
      close(viewer, Viewer::State::kEnded);
    }
  }
}

}  // namespace livestream::load
