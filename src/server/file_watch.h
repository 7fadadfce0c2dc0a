#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace livestream {

// Tells when one of some files has changed, appeared or gone. It looks at them once a second,
// because the kernel tells nothing of files that another machine writes, or that are mounted into a
// container by themselves. A change is told when a second has passed without another one, so that a
// file is not read while it is being written. The loop's thread.
class FileWatch {
 public:
  FileWatch(boost::asio::io_context& loop, std::function<void()> on_change);

  // Watches these files, and those in these folders, as they are now, instead of those before.
  // `on_change` may call it.
  void watch(std::vector<std::string> paths);
  void stop() { timer_.cancel(); }

 private:
  // How a file looks from outside; empty when it is not there.
  using Looks = std::map<std::string, std::string>;

  [[nodiscard]] Looks look() const;
  void schedule();
  void check();

  const std::function<void()> on_change_;
  boost::asio::steady_timer timer_;
  std::vector<std::string> paths_;
  // As they were told last, and a second ago.
  Looks known_;
  Looks latest_;
};

}  // namespace livestream
