#include "config/config_files.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "config/shown.h"
#include "config/text_file.h"

namespace livestream {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFile = "livestream.yml";
constexpr std::string_view kFolder = "streams.d";
constexpr std::string_view kExtension = ".yml";
// The other extension of YAML, which is not read.
constexpr std::string_view kOtherExtension = ".yaml";

// Where others may read a file with a credential, the cure.
std::string warning_of_readers(std::string_view name, mode_t mode) {
  if ((mode & (S_IRGRP | S_IROTH)) == 0) return {};
  return fmt::format(
      "{0} holds a password, and others may read it: chmod 600 {0}, or write ${{NAME}} "
      "there and set NAME in the environment",
      name);
}

class FilesReader {
 public:
  explicit FilesReader(const Variables& variables) : variables_(variables) {}

  Result<ConfigFiles> read(const std::string& directory, const std::string& named) {
    const fs::path path = fs::path(directory) / (named.empty() ? std::string(kFile) : named);
    const std::string name = named.empty() ? std::string(kFile) : shown(named);
    const Result<bool> done = add(path, name, {});
    if (!done) return tl::unexpected(done.error());
    if (!*done && !named.empty()) return fail(fmt::format("there is no file {}", name));
    if (!*done) warn_of_other_extension(path, name);
    const fs::path folder = path.parent_path() / kFolder;
    const std::string beside = name.substr(0, name.find_last_of('/') + 1);
    if (const Result<void> read = add_folder(folder, beside + std::string(kFolder)); !read)
      return tl::unexpected(read.error());
    return std::move(files_);
  }

 private:
  // False when there is no such file. `stream` is empty for livestream.yml.
  Result<bool> add(const fs::path& path, const std::string& name, const std::string& stream) {
    files_.watched.push_back(path.string());
    const Result<std::optional<TextFile>> file = read_text_file(path.string(), name);
    if (!file) return tl::unexpected(file.error());
    if (!*file) return false;
    const FileContext context{
        name, reason_to_distrust(name, (*file)->owner, (*file)->mode, ::geteuid()), variables_};
    Result<ConfigFile> content = stream.empty() ? parse_config_file((*file)->text, context)
                                                : parse_stream_file((*file)->text, stream, context);
    if (!content) return tl::unexpected(content.error());
    if (content->has_secret_in_clear) {
      if (std::string warning = warning_of_readers(name, (*file)->mode); !warning.empty())
        content->notices.push_back(std::move(warning));
    }
    return join(*std::move(content), name);
  }

  Result<bool> join(ConfigFile more, const std::string& name) {
    ConfigFile& all = files_.content;
    for (FileStream& stream : more.streams) {
      const auto same = [&](const FileStream& other) { return other.name == stream.name; };
      if (const auto other = std::find_if(all.streams.begin(), all.streams.end(), same);
          other != all.streams.end())
        return fail(fmt::format("{}: {} has a stream of this name", name, other->place));
      all.streams.push_back(std::move(stream));
    }
    all.server.merge(more.server);
    all.defaults.merge(more.defaults);
    std::move(more.notices.begin(), more.notices.end(), std::back_inserter(all.notices));
    all.has_secret_in_clear = all.has_secret_in_clear || more.has_secret_in_clear;
    files_.found = true;
    return true;
  }

  Result<void> add_folder(const fs::path& folder, const std::string& name) {
    files_.watched.push_back(folder.string());
    files_.folder = folder.string();
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
      paths.push_back(entry->path());
    if (error && error != std::errc::no_such_file_or_directory &&
        error != std::errc::not_a_directory)
      return fail(fmt::format("cannot read {}: {}", name, error.message()));
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      const std::string file = fmt::format("{}/{}", name, shown(path.filename().string()));
      // Editors and programs write hidden files before they give them their names.
      if (path.filename().string().starts_with('.')) continue;
      if (path.extension() == kOtherExtension) warn_of_extension(file);
      if (path.extension() != kExtension) continue;
      if (const Result<bool> done = add(path, file, path.stem().string()); !done)
        return tl::unexpected(done.error());
    }
    return {};
  }

  void warn_of_other_extension(fs::path path, const std::string& name) {
    std::error_code error;
    if (fs::exists(path.replace_extension(kOtherExtension), error))
      warn_of_extension(fs::path(name).replace_extension(kOtherExtension).string());
  }

  void warn_of_extension(const std::string& name) {
    files_.content.notices.push_back(
        fmt::format("{} is ignored: its name must end in {}", name, kExtension));
  }

  const Variables& variables_;
  ConfigFiles files_;
};

}  // namespace

Result<ConfigFiles> read_config_files(const std::string& directory, const std::string& named,
                                      const Variables& variables) {
  return FilesReader(variables).read(directory, named);
}

}  // namespace livestream
