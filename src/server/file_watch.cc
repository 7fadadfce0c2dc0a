#include "server/file_watch.h"

#include <chrono>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace livestream {
namespace {

constexpr std::chrono::seconds kPeriod{1};

std::string looks_of(const std::string& path) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0) return {};
#ifdef __APPLE__
  const timespec changed = now.st_mtimespec;
#else
  const timespec changed = now.st_mtim;
#endif
  return fmt::format("{} {} {}.{:09}", now.st_ino, now.st_size, changed.tv_sec, changed.tv_nsec);
}

}  // namespace

FileWatch::FileWatch(boost::asio::io_context& loop, std::function<void()> on_change)
    : on_change_(std::move(on_change)), timer_(loop) {}

void FileWatch::watch(std::vector<std::string> paths) {
  paths_ = std::move(paths);
  known_ = latest_ = look();
  schedule();
}

FileWatch::Looks FileWatch::look() const {
  Looks looks;
  for (const std::string& path : paths_) {
    looks[path] = looks_of(path);
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) continue;
    for (std::filesystem::directory_iterator file(path, error), end; !error && file != end;
         file.increment(error))
      looks[file->path().string()] = looks_of(file->path().string());
  }
  return looks;
}

void FileWatch::schedule() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) check();
  });
}

void FileWatch::check() {
  Looks now = look();
  const bool settled = now == std::exchange(latest_, now);
  if (settled && now != known_) {
    known_ = std::move(now);
    on_change_();
  }
  schedule();
}

}  // namespace livestream
