"""Collections of labelled series as the UCR and UEA archives keep them: .ts, .arff, .tsv and .txt."""
