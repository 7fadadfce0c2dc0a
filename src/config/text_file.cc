#include "config/text_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.h"

namespace livestream {
namespace {

// At most one byte more than kLargestTextFile.
std::optional<std::string> read_all(int descriptor) {
  std::string text(kLargestTextFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(descriptor, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

tl::unexpected<Error> fail_to_read(std::string_view name) {
  return fail(fmt::format("cannot read {}: {}", name, std::strerror(errno)));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(descriptor) == 0;
}

}  // namespace

Result<void> write_text_file(const std::string& path, std::string_view text) {
  const std::filesystem::path target(path);
  const auto failed = [&] {
    return fail(
        fmt::format("cannot write {}: {}", target.filename().string(), std::strerror(errno)));
  };
  if (::mkdir(target.parent_path().c_str(), S_IRWXU) != 0 && errno != EEXIST) return failed();
  // Hidden, so that it is not read before it is whole.
  const std::string unfinished =
      (target.parent_path() / ("." + target.filename().string() + ".new")).string();
  const UniqueFd file(::open(unfinished.c_str(),
                             O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                             S_IRUSR | S_IWUSR));
  const bool written = file.valid() && write_all(file.get(), text) &&
                       ::rename(unfinished.c_str(), path.c_str()) == 0;
  if (written) return {};
  const tl::unexpected<Error> failure = failed();
  ::unlink(unfinished.c_str());
  return failure;
}

std::string reason_to_distrust(std::string_view name, uid_t owner, mode_t mode, uid_t user) {
  if (owner != user && owner != 0)
    return fmt::format("{} belongs to another user: make the file yours (chown)", name);
  if ((mode & (S_IWGRP | S_IWOTH)) != 0)
    return fmt::format("other users may write to {0}: close it to them (chmod go-w {0})", name);
  return {};
}

Result<std::optional<TextFile>> read_text_file(const std::string& path, std::string_view name) {
  // This may be a named pipe: some password managers provide `.env` in this way.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  struct stat attributes {};
  if (!file.valid() || ::fstat(file.get(), &attributes) != 0) return fail_to_read(name);
  if (S_ISDIR(attributes.st_mode)) return std::nullopt;
  std::optional<std::string> text = read_all(file.get());
  if (!text) return fail_to_read(name);
  if (text->size() > kLargestTextFile)
    return fail(fmt::format("{} is larger than 1 MiB: not a file of settings", name));
  return TextFile{*std::move(text), attributes.st_uid, attributes.st_mode};
}

}  // namespace livestream
