#include "source/run_lessons.h"

#include <deque>
#include <string>

#include <gtest/gtest.h>

namespace livestream {
namespace {

using Errors = std::deque<std::string>;

CommandFacts known_facts() {
  CommandFacts facts;
  facts.input.format = "mpegts";
  facts.input.streams = {{.index = 0, .kind = StreamKind::kVideo, .codec = "h264"},
                         {.index = 1, .kind = StreamKind::kAudio, .codec = "ac4"}};
  return facts;
}

TrackChoice tracks_of(const CommandFacts& facts) {
  return choose_tracks(facts.input, facts.learnt, {}, {});
}

bool learn(const Errors& errors, const RunYield& yield, CommandFacts& facts) {
  return learn_from_errors(errors, yield, tracks_of(facts), {}, facts);
}

TEST(RunLessons, AnFfmpegThatCannotRelayShapesIsNotAskedTo) {
  const Errors rows[] = {{"Unrecognized option 'autoscale'.", "Error splitting the argument list"},
                         {"Unrecognized option 'reinit_filter:v'."},
                         {"No such filter: 'pad'", "Error initializing complex filters."},
                         {"Parsed_pad_3: Error when evaluating the expression 'ih+2'"}};
  for (const Errors& errors : rows) {
    CommandFacts facts = known_facts();
    EXPECT_FALSE(learn(errors, {.picture = true}, facts)) << "it did play";
    EXPECT_TRUE(learn(errors, {}, facts)) << errors.front();
    EXPECT_FALSE(facts.learnt.relays_shapes);
    EXPECT_FALSE(learn(errors, {}, facts)) << "there is nothing left to learn";
  }
}

TEST(RunLessons, SoundThatFlvCannotTakeIsEncodedNextTime) {
  const Errors rows[] = {
      {"Requested output format 'tee' is not a suitable output format"},
      {"tee: sample rate not set"},
      {"Could not write header for output file #1 (incorrect codec parameters ?): Invalid data"},
      {"out#1/flv: Could not write header (incorrect codec parameters ?): Invalid argument"}};
  for (const Errors& errors : rows) {
    CommandFacts facts = known_facts();
    EXPECT_FALSE(learn(errors, {.picture = true}, facts)) << "it did play";
    EXPECT_TRUE(learn(errors, {}, facts)) << errors.front();
    EXPECT_TRUE(facts.learnt.encodes_sound);
    EXPECT_FALSE(learn(errors, {}, facts)) << "there is nothing left to learn";
  }
}

TEST(RunLessons, SoundThatCannotBePlayedIsLeftOutNextTime) {
  const Errors rows[] = {
      {"Decoder (codec ac4) not found for input stream #0:1"},
      {"Error while opening decoder for input stream #0:1 : Invalid argument"},
      {"aist#0:1/ac4: Decoding requested, but no decoder found for: ac4"},
      {"aist#0:1/aac: dec:aac: Error while opening decoder: Invalid data"},
      {"Parsed_aresample_0: SWR: Rematrix is needed between 9 channels and stereo but there is not "
       "enough information to do it",
       "Parsed_aresample_0: Failed to configure output pad on Parsed_aresample_0",
       "Error reinitializing filters!", "Failed to inject frame into filter network",
       "Error while processing the decoded data for stream #0:1"}};
  for (const Errors& errors : rows) {
    // The picture may have come before.
    for (const bool picture : {false, true}) {
      CommandFacts facts = known_facts();
      EXPECT_TRUE(learn(errors, {.picture = picture}, facts)) << errors.front();
      EXPECT_TRUE(tracks_of(facts).picture);
      EXPECT_FALSE(tracks_of(facts).sound);
      EXPECT_FALSE(learn(errors, {.picture = picture}, facts)) << "there is nothing left to learn";
    }
    CommandFacts facts = known_facts();
    EXPECT_FALSE(learn(errors, {.picture = true, .sound = true}, facts)) << "it did play";
  }
}

TEST(RunLessons, APictureWithoutASizeIsWaitedForOnce) {
  const Errors errors = {
      "flv: dimensions not set",
      "Could not write header for output file #0 (incorrect codec parameters ?)"};
  CommandFacts facts = known_facts();
  EXPECT_TRUE(learn(errors, {}, facts));
  EXPECT_TRUE(facts.learnt.size_comes_late);
  EXPECT_FALSE(learn(errors, {}, facts));
}

TEST(RunLessons, TracksThatTheDescriptionDoesNotNameAreLookedForInTheMediaOnce) {
  const Errors errors = {"Stream map '0:v:0' matches no streams."};
  CommandFacts facts;
  EXPECT_TRUE(learn(errors, {}, facts));
  EXPECT_TRUE(facts.learnt.tracks_come_late);
  EXPECT_FALSE(learn(errors, {}, facts));
}

TEST(RunLessons, APictureThatCannotBeDecodedIsLeftOutNextTime) {
  CommandFacts facts = known_facts();
  EXPECT_TRUE(learn({"Decoder (codec vvc) not found for input stream #0:0"}, {}, facts));
  EXPECT_FALSE(tracks_of(facts).picture);
  EXPECT_TRUE(tracks_of(facts).sound);
}

TEST(RunLessons, OtherErrorsTeachNothing) {
  const Errors rows[] = {{},
                         {"Connection refused"},
                         {"Error while decoding stream #0:1: Invalid data found"},
                         {"Decoder (codec x) not found for input stream #0:7"},
                         {"401 Unauthorized"}};
  for (const Errors& errors : rows) {
    CommandFacts facts = known_facts();
    EXPECT_FALSE(learn(errors, {}, facts));
    EXPECT_EQ(facts.learnt, LearntFacts{});
  }
}

TEST(RunLessons, ACameraThatRefusesATransportIsAskedForTheNext) {
  const Errors refusal = {"method SETUP failed: 461 Unsupported Transport"};
  CommandFacts facts;
  EXPECT_TRUE(learn(refusal, {}, facts));
  EXPECT_EQ(facts.learnt.rtsp_transport, RtspTransport::kUdp);
  EXPECT_TRUE(learn(refusal, {}, facts));
  EXPECT_EQ(facts.learnt.rtsp_transport, RtspTransport::kMulticast);
  EXPECT_FALSE(learn(refusal, {}, facts)) << "it refuses all";
  EXPECT_EQ(facts.learnt.rtsp_transport, RtspTransport::kTcp);
  SourceSettings fixed;
  fixed.rtsp_transport = RtspTransport::kTcp;
  EXPECT_FALSE(learn_from_errors(refusal, {}, {}, fixed, facts));
}

TEST(RunLessons, AnOlderFfmpegAndOneWithoutFontsAreKnownByTheirErrors) {
  CommandFacts facts;
  EXPECT_TRUE(learn({"Unrecognized option 'fps_mode'."}, {}, facts));
  EXPECT_TRUE(facts.ffmpeg.older_than(5, 1));
  EXPECT_FALSE(learn({"Unrecognized option 'fps_mode'."}, {}, facts));
  EXPECT_TRUE(learn({"No such filter: 'drawtext'"}, {}, facts));
  EXPECT_FALSE(facts.learnt.draws_text);
  EXPECT_FALSE(learn({"No such filter: 'drawtext'"}, {}, facts));
}

TEST(RunLessons, ADescriptionReplacesTheOneBefore) {
  CommandFacts facts = known_facts();
  facts.learnt.draws_text = false;
  InputFacts next = facts.input;
  next.streams.pop_back();
  EXPECT_TRUE(learn_from_input(next, facts));
  EXPECT_EQ(facts.input, next);
  EXPECT_FALSE(facts.learnt.draws_text) << "experience stays";
  EXPECT_FALSE(learn_from_input({.format = "mpegts"}, facts)) << "it has no media";
  EXPECT_EQ(facts.input, next);
}

TEST(RunLessons, AnInterlacedStreamStaysSoUntilADescriptionTellsOtherwise) {
  CommandFacts facts = known_facts();
  facts.input.streams[0].fields = FieldOrder::kInterlaced;
  InputFacts untold = known_facts().input;
  EXPECT_TRUE(learn_from_input(untold, facts));
  EXPECT_EQ(facts.input.streams[0].fields, FieldOrder::kInterlaced);
  untold.streams[0].fields = FieldOrder::kProgressive;
  EXPECT_TRUE(learn_from_input(untold, facts));
  EXPECT_EQ(facts.input.streams[0].fields, FieldOrder::kProgressive);
}

}  // namespace
}  // namespace livestream
