#include "source/encoded_audio.h"

#include "media/aac.h"

namespace livestream {

Track aac_lc_track(std::uint32_t sample_rate, std::uint32_t channels) {
  Track track;
  track.kind = TrackKind::kAudio;
  track.timescale = sample_rate;
  track.codec = "mp4a.40.2";
  track.channels = channels;
  track.decoder_config = aac_lc_configuration(sample_rate, channels);
  return track;
}

Track encoded_audio_track() { return aac_lc_track(44'100, 2); }

}  // namespace livestream
