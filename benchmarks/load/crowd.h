#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/body_check.h"
#include "load/content_marks.h"
#include "load/options.h"

namespace livestream::load {

// One GET that is never read to its end.
struct Viewer {
  enum class Role : std::uint8_t { kWatcher, kSlow, kJoiner };
  enum class State : std::uint8_t { kUnused, kConnecting, kAnswered, kRefused, kEnded };

  Role role = Role::kWatcher;
  State state = State::kUnused;
  int fd = -1;
  int sample = -1;   // its place in ContentMarks
  std::string head;  // of the response, until it is complete
  double started_s = 0;
  double first_s = 0;  // first byte of the body; 0: none yet
  double last_s = 0;
  double longest_gap_s = 0;  // without a byte, in the window
  std::uint64_t bytes = 0;   // of the body, framing included
  // In the window, from the first receipt to the last one.
  double window_from_s = 0;
  std::uint64_t window_from_bytes = 0;
  double window_from_media_s = 0;
  std::unique_ptr<BodyCheck> check;
};

// Viewers that connect, read and measure, with one thread and one epoll. The kernel discards the
// bodies, except those of samples, slow viewers and viewers that still wait for the response's
// head.
class Crowd {
 public:
  explicit Crowd(const Options& options);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Fails when the address is not valid or the limit of open files is too low.
  [[nodiscard]] Result<void> prepare();
  // Connects the viewers due by `now_s`, then serves sockets for at most `patience_ms`.
  void step(double now_s, int patience_ms);
  // Begins to count gaps and bytes, and to open joiners.
  void begin_window(double now_s);

  // Bytes of all bodies since the window began, including joiners that have left.
  [[nodiscard]] std::uint64_t window_bytes() const { return bytes_ - bytes_before_window_; }
  // Watchers and slow viewers, then the places of joiners, which are used again and again.
  [[nodiscard]] const std::vector<Viewer>& viewers() const { return viewers_; }
  [[nodiscard]] const ContentMarks& marks() const { return marks_; }
  // The times to first byte of finished joiners, and the number of joiners without a byte.
  [[nodiscard]] const std::vector<double>& join_ms() const { return join_ms_; }
  [[nodiscard]] std::size_t failed_joins() const { return failed_joins_; }

 private:
  void open(std::size_t index);
  void close(Viewer& viewer, Viewer::State state);
  void on_event(std::size_t index, std::uint32_t events);
  void read(Viewer& viewer, std::size_t limit);
  // False when the response's head is not complete or refuses.
  bool read_head(Viewer& viewer, ByteView* bytes);
  void read_slow_ones(double now_s);
  void turn_joiners(double now_s);

  const Options options_;
  const std::string request_;
  sockaddr_in address_{};
  int epoll_ = -1;
  double began_s_ = 0;
  double window_s_ = 0;  // when it began; 0: not yet
  double now_s_ = 0;
  double slow_read_s_ = 0;
  std::size_t opened_ = 0;
  std::size_t joins_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_before_window_ = 0;
  std::vector<Viewer> viewers_;
  std::vector<std::size_t> slow_;
  Bytes buffer_;
  ContentMarks marks_;
  std::vector<double> join_ms_;
  std::size_t failed_joins_ = 0;
};

// Seconds of the steady clock.
[[nodiscard]] double steady_s();

}  // namespace livestream::load
