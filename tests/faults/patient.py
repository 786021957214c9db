"""A worker that imports this gives a grade ten minutes, so that it can come too late. For fault tests alone."""

from grading.tasks import grade_job

grade_job.soft_time_limit = grade_job.time_limit = 600
