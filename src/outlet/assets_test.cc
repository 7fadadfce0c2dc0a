#include "outlet/assets.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace livestream {
namespace {

using testing::HasSubstr;
using testing::Not;

class AssetsTest : public testing::Test {
 protected:
  static http::Response ask(http::Router& router, const std::string& path,
                            std::vector<http::Header> headers = {}) {
    http::Request request;
    request.method = "GET";
    request.path = path;
    request.headers = std::move(headers);
    http::Answer answer = router.handle(request);
    return std::get<http::Response>(answer);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& each : response.head.headers) {
      if (each.first == name) return each.second;
    }
    return {};
  }

  static constexpr std::uint8_t kPage[] = {'<', 'p', '>'};
  static constexpr EmbeddedAsset kAssets[] = {
      {"index.html", kPage, "\"a\"", "'sha256-x'"},
      {"player/worker.js", kPage, "\"b\"", ""},
  };
};

TEST_F(AssetsTest, AllowsThePagesOwnScriptByItsHash) {
  http::Router router;
  add_assets(router, kAssets, "");
  const http::Response page = ask(router, "/");
  EXPECT_EQ(page.head.status, 200u);
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("script-src 'self' 'sha256-x';"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_EQ(header(ask(router, "/player/worker.js"), "Content-Security-Policy"), "");
  EXPECT_EQ(header(ask(router, "/player/worker.js"), "Content-Type"),
            "text/javascript; charset=utf-8");
  EXPECT_EQ(ask(router, "/index.html", {{"If-None-Match", "W/\"a\""}}).head.status, 304u);
}

TEST_F(AssetsTest, ServesWhatTheFolderHasInsteadAndNothingElse) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "assets_test_web_root";
  std::filesystem::create_directories(folder / "player");
  std::ofstream(folder / "index.html") << "mine";
  std::ofstream(folder / "player" / "leg.js") << "leg";
  http::Router router;
  add_assets(router, kAssets, folder.string());
  EXPECT_EQ(ask(router, "/").head.status, 200u);
  EXPECT_EQ(ask(router, "/player/leg.js").head.status, 200u);
  EXPECT_EQ(ask(router, "/player/worker.js").head.status, 404u);
  EXPECT_EQ(ask(router, "/player/../index.html").head.status, 404u);
  std::filesystem::remove(folder / "index.html");
  EXPECT_EQ(ask(router, "/").head.status, 404u);
  std::filesystem::remove_all(folder);
}

TEST_F(AssetsTest, AnswersForAFolderThatIsMissing) {
  http::Router router;
  add_assets(router, kAssets, "/nonexistent");
  EXPECT_EQ(ask(router, "/").head.status, 404u);
}

}  // namespace
}  // namespace livestream
