#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace livestream {

// How a child ended: its exit code, or the signal that killed it.
struct ExitStatus {
  // Another reaped it: how it ended is not known.
  static constexpr int kUnknown = -1;
  int code = 0;
  int signal = 0;
  // "exit code 1", "signal 9", "exit code unknown".
  [[nodiscard]] std::string describe() const;
};

// A running child with our ends of its pipes. Passive: its owner reads, signals and reaps.
// Never leaves a zombie: the destructor kills the whole process group and waits for the child,
// which takes milliseconds.
//
// The child leads its own process group, holds no descriptor but 0 (null or a pipe) and 1 to 6 or
// 1 and 2 (pipes), has default signals, opens at most kMaxOpenFiles, leaves no core dump, and on
// Linux cannot gain privileges, is the first to go when memory runs out, and dies with the thread
// that started it: start it from one that lives on.
class ChildProcess {
 public:
  struct Options {
    bool pipes_input = false;     // else its standard input is empty
    bool pipes_media = true;      // descriptors 3 to 6; else it has 0 to 2 only
    std::uint32_t memory_mb = 0;  // that it may ask for (RLIMIT_DATA); 0: no limit
    // Differences from this process's environment: NAME=VALUE is set, NAME alone is removed.
    std::vector<std::string> environment = {};
    // The only TCP port that it may connect to, where the system can hold it to that; 0: any.
    std::uint16_t connects_only_to = 0;
  };
  static constexpr unsigned kMaxOpenFiles = 1024;

  // `program` is a path (find_program), `arguments` the whole argv. Blocks until exec has worked or
  // failed (about a millisecond); the error then says why, naming the program, and the cure where
  // this process has run out of something.
  [[nodiscard]] static Result<ChildProcess> start(const std::string& program,
                                                  const std::vector<std::string>& arguments,
                                                  const Options& options);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }

  // Our ends, non-blocking, each to be taken once; `take_input` is invalid without
  // Options::pipes_input.
  [[nodiscard]] UniqueFd take_input() { return std::move(input_); }
  [[nodiscard]] UniqueFd take_output() { return std::move(output_); }
  [[nodiscard]] UniqueFd take_errors() { return std::move(errors_); }
  [[nodiscard]] UniqueFd take_progress() { return std::move(progress_); }
  [[nodiscard]] UniqueFd take_sound() { return std::move(sound_); }
  [[nodiscard]] UniqueFd take_pictures() { return std::move(pictures_); }
  [[nodiscard]] UniqueFd take_copied_sound() { return std::move(copied_sound_); }
  // Readable once the child has ended; invalid where the system has no such thing (then poll
  // try_reap).
  [[nodiscard]] UniqueFd take_exit_notice() { return std::move(exit_notice_); }

  // To the whole group; nothing once it has been reaped.
  void signal(int number) const;
  // How it ended, if it has; from then on there is no child.
  [[nodiscard]] std::optional<ExitStatus> try_reap();

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  void prepare_for_loop();

  pid_t pid_ = 0;  // 0: reaped
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
  UniqueFd progress_;
  UniqueFd sound_;
  UniqueFd pictures_;
  UniqueFd copied_sound_;
  UniqueFd exit_notice_;
};

// Where the program is: `name` itself when it has a slash, else the first match in PATH; nothing
// when there is none. Does not start anything.
[[nodiscard]] std::optional<std::string> path_of_program(const std::string& name);

// Processor time that a process has used so far, all its threads; nothing where the system does not
// tell (/proc).
[[nodiscard]] std::optional<std::chrono::milliseconds> cpu_time_of(pid_t pid);

}  // namespace livestream
