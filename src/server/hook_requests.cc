#include "server/hook_requests.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/check.h"
#include "base/mask.h"
#include "config/version.h"

namespace livestream {
namespace {

// Bytes of an answer that are read; only its status matters.
constexpr std::size_t kMostOfAnswer = 1 << 16;
constexpr long kFirstFailure = 300;

class HookRequest final : public HookRun {
 public:
  HookRequest(CURLM* multi, const HookCall& call)
      : multi_(multi), easy_(curl_easy_init()), facts_(facts_of(call)), timeout_(call.timeout) {
    CHECK(easy_ != nullptr);
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    // Else curl waits a second for a server that does not answer 100 Continue.
    headers_ = curl_slist_append(headers_, "Expect:");
    set(CURLOPT_URL, call.hook.url.c_str());
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_POSTFIELDS, facts_.c_str());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(facts_.size()));
    set(CURLOPT_USERAGENT, fmt::format("livestream-server/{}", kVersion).c_str());
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    // Events are rare: do not keep the connection.
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &HookRequest::on_answer);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    // Else the end of a request waits for a resolver that hangs.
    set(CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_multi_add_handle(multi_, easy_);
  }
  ~HookRequest() override {
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }
  HookRequest(const HookRequest&) = delete;
  HookRequest& operator=(const HookRequest&) = delete;

  void on_ended(CURLcode result) { outcome_ = outcome_of(result); }

  [[nodiscard]] std::optional<std::string> go_on(SteadyTime) override { return outcome_; }
  void end(std::string why, SteadyTime) override {
    if (!outcome_) outcome_ = std::move(why);
  }
  void add_descriptors(std::vector<int>&) const override {}
  [[nodiscard]] SteadyTime wake_at(SteadyTime) const override { return SteadyTime::max(); }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }

  static std::size_t on_answer(char*, std::size_t size, std::size_t count, void* request) {
    auto& self = *static_cast<HookRequest*>(request);
    self.received_ += size * count;
    // Another number than that of the bytes ends the request.
    return self.received_ > kMostOfAnswer ? 0 : size * count;
  }

  [[nodiscard]] std::string outcome_of(CURLcode result) const {
    const bool is_enough = result == CURLE_WRITE_ERROR && received_ > kMostOfAnswer;
    if (result == CURLE_OPERATION_TIMEDOUT) return "no answer within " + seconds_of(timeout_);
    if (result != CURLE_OK && !is_enough) {
      const char* text = error_.front() != '\0' ? error_.data() : curl_easy_strerror(result);
      return mask_credentials(text);
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (status < kFirstFailure) return {};
    return fmt::format("HTTP status {}{}", status,
                       status < 400 ? ": redirects are not followed" : "");
  }

  CURLM* const multi_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  const std::string facts_;
  const std::chrono::milliseconds timeout_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::size_t received_ = 0;
  std::optional<std::string> outcome_;
};

CURLM* new_multi() {
  CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  CURLM* multi = curl_multi_init();
  CHECK(multi != nullptr);
  return multi;
}

}  // namespace

HookRequests::HookRequests() : multi_(new_multi()) {}

HookRequests::~HookRequests() {
  curl_multi_cleanup(multi_);
  curl_global_cleanup();
}

Result<std::unique_ptr<HookRun>> HookRequests::start(const HookCall& call) {
  return std::make_unique<HookRequest>(multi_, call);
}

void HookRequests::go_on() {
  int running = 0;
  curl_multi_perform(multi_, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    HookRequest* request = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
    request->on_ended(message->data.result);
  }
}

void HookRequests::wait(const std::vector<int>& descriptors, std::chrono::milliseconds longest) {
  std::vector<curl_waitfd> waits;
  for (const int descriptor : descriptors)
    waits.push_back({.fd = descriptor, .events = CURL_WAIT_POLLIN, .revents = 0});
  curl_multi_poll(multi_, waits.data(), static_cast<unsigned>(waits.size()),
                  static_cast<int>(std::max<std::int64_t>(longest.count(), 0)), nullptr);
}

void HookRequests::wake() { curl_multi_wakeup(multi_); }

}  // namespace livestream
