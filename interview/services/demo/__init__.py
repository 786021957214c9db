"""Made-up candidates with their interviews, to see Greenroom with as much in it as a year brings.

people.py makes cohorts of them, bank.py reads what can be asked, chance.py says how they do, copies.py writes it.
"""

from interview.services.demo.bank import Bank
from interview.services.demo.copies import analyze, make_interviews
from interview.services.demo.people import count_answers, has_real_candidates, make_people

__all__ = ["Bank", "analyze", "count_answers", "has_real_candidates", "make_interviews", "make_people"]
