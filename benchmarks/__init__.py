"""What transforms cost: subjects, timers, floors and plots."""
