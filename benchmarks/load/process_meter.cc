#include "load/process_meter.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace livestream::load {
namespace {

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The number behind `key`, searched from `from`; 0 when there is none.
std::int64_t number_after(const std::string& text, const std::string& key, std::size_t from = 0) {
  const std::size_t at = text.find(key, from);
  return at == std::string::npos ? 0 : std::strtoll(text.c_str() + at + key.size(), nullptr, 10);
}

double ticks_per_second() { return static_cast<double>(::sysconf(_SC_CLK_TCK)); }

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

CpuTime cpu_time(const std::vector<int>& pids) {
  CpuTime time;
  for (const int pid : pids) {
    const std::string process = "/proc/" + std::to_string(pid);
    const std::string stat = content(process + "/stat");
    // The name may contain any character, parentheses too.
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream fields(stat.substr(name_end + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    time.user_s += user / ticks_per_second();
    time.system_s += system / ticks_per_second();
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator(process + "/task", gone)) {
      const std::string run_time = content(task.path().string() + "/schedstat");
      time.exact_s += std::strtod(run_time.c_str(), nullptr) / 1e9;
    }
  }
  return time;
}

std::int64_t resident_kib(const std::vector<int>& pids) {
  std::int64_t sum = 0;
  for (const int pid : pids)
    sum += number_after(content("/proc/" + std::to_string(pid) + "/status"), "VmRSS:");
  return sum;
}

CoreTime core_time(int core) {
  if (core < 0) return {};
  const std::string stat = content("/proc/stat");
  const std::string key = "cpu" + std::to_string(core) + " ";
  const std::size_t at = stat.find(key);
  if (at == std::string::npos) return {};
  std::istringstream fields(stat.substr(at + key.size()));
  std::array<double, 8> ticks{};  // user nice system idle iowait irq softirq steal
  for (double& value : ticks) fields >> value;
  const double busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
  return {.busy_s = busy / ticks_per_second(), .softirq_s = ticks[6] / ticks_per_second()};
}

std::int64_t tcp_memory_kib() {
  const std::string sockets = content("/proc/net/sockstat");
  const std::size_t tcp = sockets.find("TCP:");
  if (tcp == std::string::npos) return 0;
  return number_after(sockets, "mem", tcp) * (::sysconf(_SC_PAGESIZE) / 1024);
}

double own_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace livestream::load
