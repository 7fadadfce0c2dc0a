#include "source/ffmpeg_check.h"

#include <utility>

namespace livestream {

FfmpegCheck::FfmpegCheck(boost::asio::io_context& loop, const FfmpegStarter& starter,
                         StreamSettings settings, Done done)
    : starter_(starter), settings_(std::move(settings)), done_(std::move(done)), timeout_(loop) {}

FfmpegCheck::~FfmpegCheck() {
  if (!process_) return;
  process_->forget_listener();
  process_->kill();
}

void FfmpegCheck::start() {
  auto process = starter_({settings_.source.ffmpeg, "-nostdin", "-encoders"},
                          {.memory_mb = settings_.source.ffmpeg_memory_mb}, *this);
  if (!process) return done_(fail(process.error().message));
  process_ = std::move(*process);
  timeout_.expires_after(kTimeout);
  timeout_.async_wait([process = process_](boost::system::error_code cancelled) {
    if (!cancelled) process->kill();
  });
}

void FfmpegCheck::on_output(ByteView bytes) {
  list_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void FfmpegCheck::on_ended(const ExitStatus& status) {
  timeout_.cancel();
  process_.reset();
  if (status.signal != 0 || status.code == ExitStatus::kUnknown) return done_(FfmpegInfo{});
  FfmpegInfo info = parse_ffmpeg_info(banner_ + list_);
  if (const Result<void> usable = check_usable(info, settings_.source, settings_.encoding); !usable)
    return done_(fail(usable.error().message));
  done_(std::move(info));
}

}  // namespace livestream
