LabProgram.main()
