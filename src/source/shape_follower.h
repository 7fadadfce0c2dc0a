#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/bytes.h"
#include "media/frame_rate.h"
#include "source/run_output.h"
#include "source/shape_encoder.h"
#include "source/shape_relay.h"

namespace livestream {

// Keeps the shape of one run's pictures: reads the relay (source/shape_relay.h), and from the first
// picture of another shape on, has an encoder for each shape in turn, whose output takes the place
// of the run's own. The source stays open. Ingest thread.
class ShapeFollower {
 public:
  struct Plan {
    // The command of an encoder whose first picture has this time.
    std::function<std::vector<std::string>(const RelayedPicture&, std::int64_t start_ms)> command;
    FrameRate rate;
    std::uint32_t memory_mb = 0;
  };
  struct Events {
    // Reading the relay shall pause (true) or go on.
    std::function<void(bool)> hold;
    // An encoder has failed, and all are closed; why. Told once.
    std::function<void(std::string)> fail;
  };

  // Borrows loop, starter and output.
  ShapeFollower(boost::asio::io_context& loop, const FfmpegStarter& starter, RunOutput& output,
                Plan plan, Events events);
  ~ShapeFollower() { close(); }

  // The next bytes of the relay.
  void read(ByteView bytes);
  // The relay has ended. `done` when all that was relayed is coded, perhaps at once; not after a
  // failure.
  void end(std::function<void()> done);
  // Stops reading what the encoders make, or reads on.
  void hold(bool held);
  void close();

 private:
  // One encoder and what it made before its turn.
  struct Part {
    std::shared_ptr<ShapeEncoder> encoder;
    FlvReader reader;
    Bytes early;
    bool ended = false;
  };

  void on_picture(RelayReader::Piece piece);
  [[nodiscard]] std::int64_t ms_of(std::uint64_t pictures) const;
  void begin_part(const RelayedPicture& shape, std::uint64_t index);
  void on_coded(Part& part, ByteView bytes);
  void on_part_ended(Part& part, const std::string& reason);
  void adjust_reading();
  void give_up(const std::string& reason);

  boost::asio::io_context& loop_;
  const FfmpegStarter& starter_;
  RunOutput& output_;
  const Plan plan_;
  const Events events_;
  RelayReader reader_;
  // In the order of their pictures; all but the last one have been finished.
  std::deque<std::unique_ptr<Part>> parts_;
  // The number of the picture, counted in the run, that the last part began with, and its shape.
  std::uint64_t part_began_ = 0;
  std::optional<RelayedPicture> shape_;
  // Pictures have been left out since.
  bool skips_ = false;
  std::uint64_t pictures_ = 0;
  bool held_ = false;
  bool relay_held_ = false;
  bool closed_ = false;
  std::function<void()> done_;
};

}  // namespace livestream
