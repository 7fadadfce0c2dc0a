#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "config/invocation.h"
#include "config/settings.h"

namespace livestream {

// A folder for each test, for its files.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "config-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(directory_); }

  // In the folder of the test, or one below it.
  void write_file(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = std::filesystem::path(directory_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write |
                  std::filesystem::perms::group_read | std::filesystem::perms::others_read);
  }
  void write_env_file(std::string_view text) const { write_file(".env", text); }

  [[nodiscard]] Result<Invocation> load(const std::vector<std::string>& arguments,
                                        const Environment& environment = {}) const {
    return load_config({arguments, environment, directory_});
  }

  // The values of a configuration of one stream.
  [[nodiscard]] Values config(const std::vector<std::string>& arguments,
                              const Environment& environment = {}) const {
    const auto invocation = load(arguments, environment);
    if (!invocation) {
      ADD_FAILURE() << invocation.error().message;
      return {};
    }
    const Config& config = invocation->config;
    EXPECT_EQ(config.streams.size(), 1U);
    return {config.server, config.streams.at(0), config.notices};
  }

  [[nodiscard]] std::string error(const std::vector<std::string>& arguments,
                                  const Environment& environment = {}) const {
    const auto invocation = load(arguments, environment);
    return invocation ? "no error" : invocation.error().message;
  }

  [[nodiscard]] std::string check(std::vector<std::string> arguments,
                                  const Environment& environment = {}) const {
    arguments.emplace_back("--check");
    const auto invocation = load(arguments, environment);
    if (!invocation) return invocation.error().message;
    EXPECT_EQ(invocation->action, Action::kCheck);
    return invocation->output;
  }

  std::string directory_;
};

}  // namespace livestream
