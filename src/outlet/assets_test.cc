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
  static void add_all(http::Router& router, std::span<const EmbeddedAsset> assets,
                      const SiteLooks& looks) {
    add_pages(router, assets, looks);
    add_files(router, assets, looks.web_root);
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
  add_all(router, kAssets, {.title = "Live"});
  const http::Response page = ask(router, "/");
  EXPECT_EQ(page.head.status, 200u);
  EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("script-src 'self' 'sha256-x';"));
  EXPECT_THAT(header(page, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
  EXPECT_EQ(header(ask(router, "/player/worker.js"), "Content-Security-Policy"), "");
  EXPECT_EQ(header(ask(router, "/player/worker.js"), "Content-Type"),
            "text/javascript; charset=utf-8");
  EXPECT_EQ(ask(router, "/index.html", {{"If-None-Match", "W/\"a\""}}).head.status, 304u);
}

TEST_F(AssetsTest, FillsTheTitleIntoPagesAloneAndTagsThemByIt) {
  const std::string text = "<h1>{{title}}</h1>{{title}}";
  const Bytes page(text.begin(), text.end());
  const std::vector<EmbeddedAsset> assets = {{"index.html", page, "\"a\"", ""},
                                             {"about.html", page, "\"b\"", ""},
                                             {"page.js", page, "\"c\"", ""}};
  http::Router router;
  add_all(router, assets, {.web_root = "", .title = "A \"<{{title}}>\" & b"});
  const auto text_of = [&router](const std::string& path) {
    const ByteView bytes = ask(router, path).body.view();
    return std::string(bytes.begin(), bytes.end());
  };
  const std::string name = "A &quot;&lt;{{title}}&gt;&quot; &amp; b";
  EXPECT_EQ(text_of("/"), "<h1>" + name + "</h1>" + name);
  EXPECT_EQ(text_of("/about"), text_of("/"));
  EXPECT_EQ(text_of("/page.js"), text);
  EXPECT_EQ(header(ask(router, "/page.js"), "ETag"), "\"c\"");
  const std::string tag = header(ask(router, "/"), "ETag");
  EXPECT_EQ(ask(router, "/", {{"If-None-Match", tag}}).head.status, 304u);
  EXPECT_EQ(ask(router, "/", {{"If-None-Match", "\"a\""}}).head.status, 200u);

  http::Router other;
  add_all(other, assets, {.web_root = "", .title = "Other"});
  EXPECT_NE(header(ask(other, "/"), "ETag"), tag);
}

TEST_F(AssetsTest, ServesWhatTheFolderHasInsteadAndNothingElse) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "assets_test_web_root";
  std::filesystem::create_directories(folder / "player");
  std::ofstream(folder / "index.html") << "mine";
  std::ofstream(folder / "player" / "leg.js") << "leg";
  http::Router router;
  add_all(router, kAssets, {.web_root = folder.string(), .title = "Live"});
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
  add_all(router, kAssets, {.web_root = "/nonexistent", .title = "Live"});
  EXPECT_EQ(ask(router, "/").head.status, 404u);
}

}  // namespace
}  // namespace livestream
