#pragma once

#include <cstdint>
#include <vector>

namespace livestream::load {

// Readings of processes and of the machine from /proc.

struct CpuTime {
  double user_s = 0;
  double system_s = 0;
  // Sum of the threads' run time, in nanoseconds in the kernel and so finer than the other two.
  double exact_s = 0;
};

// CPU time of the processes so far; missing processes count as 0.
[[nodiscard]] CpuTime cpu_time(const std::vector<int>& pids);
// Resident memory of the processes together, in KiB.
[[nodiscard]] std::int64_t resident_kib(const std::vector<int>& pids);

struct CoreTime {
  double busy_s = 0;
  double softirq_s = 0;
};
// Times of one core since the machine started; zero for core -1.
[[nodiscard]] CoreTime core_time(int core);

// Memory in all TCP buffers of the machine, in KiB.
[[nodiscard]] std::int64_t tcp_memory_kib();
// CPU time of this process, in seconds.
[[nodiscard]] double own_cpu_s();

}  // namespace livestream::load
