import unittest

from webhooks.backoff import Backoff
from webhooks.delivery import Answer, Outcome, deliver


class Deliver(unittest.TestCase):
    def run_against(self, *answers, tries=5):
        self.pauses = []
        replies = iter(answers)
        return deliver(lambda: next(replies), self.pauses.append, Backoff(), tries)

    def test_arrives_at_once(self):
        self.assertEqual(self.run_against(Answer(204)), Outcome(True, 1))
        self.assertEqual(self.pauses, [])

    def test_arrives_after_an_outage(self):
        outcome = self.run_against(Answer(503), Answer(502), Answer(200))
        self.assertEqual(outcome, Outcome(True, 3))
        self.assertEqual(self.pauses, [1, 2])

    def test_gives_up_without_a_last_pause(self):
        outcome = self.run_against(Answer(500), Answer(500), Answer(500), tries=3)
        self.assertEqual(outcome, Outcome(False, 3))
        self.assertEqual(len(self.pauses), 2)

    def test_refusal_is_final(self):
        self.assertEqual(self.run_against(Answer(400)), Outcome(False, 1))

    def test_gone_ends_the_subscription(self):
        self.assertTrue(self.run_against(Answer(410)).unsubscribe)

    def test_busy_subscriber_names_its_pause(self):
        self.run_against(Answer(429, retry_after=600), Answer(200))
        self.assertEqual(self.pauses, [600])


if __name__ == "__main__":
    unittest.main()
